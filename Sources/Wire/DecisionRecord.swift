package import Routing

// Why an agent was asked.

extension DecisionRecord: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(policyVersion)
        encoder.value(group)
        encoder.value(strategy)
        encoder.flag(isSticky)
        encoder.flag(isClaim)
        encoder.value(counts)
        encoder.value(chosen)
        encoder.list(best)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            policyVersion: try decoder.number32(), group: try decoder.value(), strategy: try decoder.value(),
            isSticky: try decoder.flag(), isClaim: try decoder.flag(), counts: try decoder.value(),
            chosen: try decoder.value(), best: try decoder.list(countMax: DecisionRecord.bestMax))
    }
}

extension DecisionRecord.Counts: WireValue {
    package func encode(into encoder: inout Encoder) {
        for count in [members, ready, able, notExcluded] { encoder.number(count) }
        encoder.flag(mayBeMore)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        members = try decoder.number32()
        ready = try decoder.number32()
        able = try decoder.number32()
        notExcluded = try decoder.number32()
        mayBeMore = try decoder.flag()
    }
}

extension DecisionRecord.Candidate: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.number(score)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(agent: try decoder.value(), score: try decoder.number())
    }
}
