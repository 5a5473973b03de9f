package import Routing

// Between a router and the coordinator.

extension RouterInfo: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(incarnation)
        encoder.text(name)
        encoder.value(region)
        encoder.text(address)
        encoder.text(gossipAddress)
        if encoder.version >= 2 { encoder.byte(speaks) }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            incarnation: try decoder.value(), name: try decoder.text(), region: try decoder.value(),
            address: try decoder.text(), gossipAddress: try decoder.text(),
            speaks: decoder.version >= 2 ? try decoder.byte() : 1)
    }
}

extension RegionOwner: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(region)
        encoder.value(owner)
        encoder.value(epoch)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            region: try decoder.value(), owner: try decoder.value(), epoch: try decoder.value())
    }
}

extension Join: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.text(region)
        encoder.text(address)
        encoder.text(gossipAddress)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            name: try decoder.text(), region: try decoder.text(), address: try decoder.text(),
            gossipAddress: try decoder.text(), speaks: decoder.version)
    }
}

extension Joined: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(incarnation)
        encoder.number(reign)
        encoder.value(policy)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            incarnation: try decoder.value(), reign: try decoder.number32(), policy: try decoder.value())
    }
}

extension Exchange: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(incarnation)
        encoder.value(cursor)
        encoder.value(park)
        encoder.number(firstCommand)
        encoder.number(acknowledged)
        encoder.list(commands)
        encoder.list(duty)
        encoder.optional(slice)
        if encoder.version >= 2 { encoder.list(listing) }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            incarnation: try decoder.value(), cursor: try decoder.value(), park: try decoder.value(),
            firstCommand: try decoder.number(), acknowledged: try decoder.number(),
            commands: try decoder.list(countMax: Limits.commandsPerBatchMax),
            duty: try decoder.list(countMax: Limits.agentsMax), slice: try decoder.optional(),
            listing: decoder.version >= 2 ? try decoder.list(countMax: Limits.regionsMax) : [])
    }
}

extension RegionListing: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(region)
        encoder.value(after)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(region: try decoder.value(), after: try decoder.value())
    }
}

extension TicketRange: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(after)
        encoder.value(through)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(after: try decoder.value(), through: try decoder.value())
    }
}

extension Departed: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.optional(holder)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), holder: try decoder.optional())
    }
}

extension RegionChanges: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(region)
        // In version 1 everything is listed at once.
        encoder.flag(isAnew)
        encoder.sinceTwo(listed)
        encoder.list(waiting)
        encoder.list(noLonger)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        let region: RegionID = try decoder.value()
        let isAnew = try decoder.flag()
        let listed: TicketRange? = decoder.version >= 2 ? try decoder.optional() : isAnew ? .whole : nil
        self.init(
            region: region, isAnew: isAnew, listed: listed, waiting: try decoder.list(), noLonger: try decoder.list())
    }
}

extension AgentChange: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.flag(isHome)
        encoder.value(instance)
        encoder.list(work)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            agent: try decoder.value(), agentEpoch: try decoder.value(), isHome: try decoder.flag(),
            instance: try decoder.value(), work: try decoder.list())
    }
}

extension Exchanged: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(reign)
        encoder.value(lsn)
        encoder.list(outcomes)
        encoder.optional(membership)
        encoder.optional(policy)
        encoder.list(regions)
        encoder.list(agents)
        encoder.value(wall)
        encoder.list(repairs)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            reign: try decoder.number32(), lsn: try decoder.value(),
            outcomes: try decoder.list(countMax: Limits.commandsPerBatchMax),
            membership: try decoder.optional(), policy: try decoder.optional(), regions: try decoder.list(),
            agents: try decoder.list(), wall: try decoder.value(), repairs: try decoder.list())
    }
}

extension LoadSlice: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(first)
        encoder.value(last)
        encoder.list(loads)
        encoder.list(unsettled)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            first: try decoder.value(), last: try decoder.value(),
            loads: try decoder.list(countMax: Limits.loadsPerSliceMax),
            unsettled: try decoder.list(countMax: Limits.agentsMax))
    }
}

extension LoadMark: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.fixed(mark)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(agent: try decoder.value(), agentEpoch: try decoder.value(), mark: try decoder.fixed())
    }
}
