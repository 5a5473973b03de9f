package import Routing

// The cluster's status, as operators' programs get it.

extension ClusterStatus: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(reign)
        encoder.value(lsn)
        encoder.number(policyVersion)
        encoder.list(routers)
        encoder.list(states)
        encoder.list(regions)
        encoder.list(groups)
        encoder.list(quarantined)
        encoder.number(agentsAttached)
        encoder.number(agentsInGrace)
        encoder.value(counters)
        encoder.value(atRisk)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        reign = try decoder.number32()
        lsn = try decoder.value()
        policyVersion = try decoder.number32()
        routers = try decoder.list()
        states = try decoder.list()
        regions = try decoder.list()
        groups = try decoder.list()
        quarantined = try decoder.list()
        agentsAttached = try decoder.number32()
        agentsInGrace = try decoder.number32()
        counters = try decoder.value()
        atRisk = try decoder.value()
    }
}

extension ClusterStatus.AtRisk: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.list(first)
        encoder.list(groupIDs)
        encoder.number(UInt64(counts.count))
        for count in counts { encoder.number(count) }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        first = try decoder.list()
        groupIDs = try decoder.list()
        for _ in 0..<(try decoder.count()) { counts.append(try decoder.number32()) }
    }
}

extension ClusterStatus.AtRisk.Row: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(group)
        encoder.value(kind)
        encoder.value(due)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), group: try decoder.value(), kind: try decoder.value(),
            due: try decoder.value())
    }
}

extension ClusterStatus.Counters: WireValue {
    package func encode(into encoder: inout Encoder) {
        for count in [
            ticketsOpened, ticketsLive, ticketsClosed, ticketsWidened, keysKept, commands, refusals, messages, syncs,
            records, alerts,
        ] { encoder.number(count) }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        ticketsOpened = try decoder.number()
        ticketsLive = try decoder.number()
        ticketsClosed = try decoder.number()
        ticketsWidened = try decoder.number()
        keysKept = try decoder.number()
        commands = try decoder.number()
        refusals = try decoder.number()
        messages = try decoder.number()
        syncs = try decoder.number()
        records = try decoder.number()
        alerts = try decoder.number()
    }
}

extension Membership: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.list(routers)
        encoder.list(owners)
        encoder.list(draining)
        encoder.list(suspect)
        encoder.list(handovers)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        routers = try decoder.list()
        owners = try decoder.list()
        draining = try decoder.list()
        suspect = try decoder.list()
        handovers = try decoder.list()
    }
}
