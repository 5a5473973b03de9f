package import Routing

// What routers hand over with a region.

extension Handover: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(region)
        encoder.value(from)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(region: try decoder.value(), from: try decoder.value())
    }
}

extension ReleasedTicket: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.list(offers)
        encoder.list(excluded)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(),
            offers: try decoder.list(countMax: Limits.offersAtOnceMax),
            excluded: try decoder.list(countMax: Limits.exclusionsPerTicketMax))
    }
}

extension ReleasedOffer: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(offer)
        encoder.value(home)
        encoder.value(remaining)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(offer: try decoder.value(), home: try decoder.value(), remaining: try decoder.value())
    }
}

extension ReleasedExclusion: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(remaining)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(agent: try decoder.value(), remaining: try decoder.value())
    }
}

extension AgentState: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.value(status)
        encoder.text(reason)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(name: try decoder.text(), status: try decoder.value(), reason: try decoder.text())
    }
}

extension ClusterStatus.RouterStatus: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(incarnation)
        encoder.flag(isDraining)
        encoder.flag(isSuspect)
        encoder.number(agents)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            incarnation: try decoder.value(), isDraining: try decoder.flag(), isSuspect: try decoder.flag(),
            agents: try decoder.number32())
    }
}
