package import Routing

// The policy, as a router gets it when it joins and whenever it changes.

extension Catalog: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.list(regions.names)
        encoder.list(skills.names)
        encoder.list(groups.names)
        encoder.list(agents.names)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        var additions = Additions()
        additions.regions = try decoder.list()
        additions.skills = try decoder.list()
        additions.groups = try decoder.list()
        additions.agents = try decoder.list()
        add(additions)
    }
}

extension OverflowStep: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(after)
        encoder.value(target)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(after: try decoder.value(), target: try decoder.value())
    }
}

extension Group: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(id)
        encoder.text(name)
        encoder.value(region)
        encoder.value(tier)
        encoder.optional(escalatesTo)
        encoder.list(overflow)
        encoder.value(offerTimeout)
        encoder.number(refuseAt)
        encoder.value(strategy)
        encoder.byte(weight)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            id: try decoder.value(), name: try decoder.text(), region: try decoder.value(), tier: try decoder.value(),
            escalatesTo: try decoder.optional(), overflow: try decoder.list(), offerTimeout: try decoder.value(),
            refuseAt: try decoder.number32(), strategy: try decoder.value(), weight: try decoder.byte())
    }
}

extension Agent: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(id)
        encoder.text(name)
        encoder.list(groups)
        encoder.list(skills)
        encoder.number(capacity)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            id: try decoder.value(), name: try decoder.text(), groups: try decoder.list(), skills: try decoder.list(),
            capacity: try decoder.number32())
    }
}

extension RuleRequirement: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .skill(let skill, let levelMin):
            encoder.byte(1)
            encoder.value(skill)
            encoder.byte(levelMin)
        case .product(let otherwise, let levelMin):
            encoder.byte(2)
            encoder.value(otherwise)
            encoder.byte(levelMin)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .skill(try decoder.value(), levelMin: try decoder.byte())
        case 2: self = .product(otherwise: try decoder.value(), levelMin: try decoder.byte())
        case let other: throw .unknown(other)
        }
    }
}

extension Rule: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.value(group)
        encoder.byte(priority)
        for words in [regions, channels, segments, languages, products, labels] { encoder.list(words) }
        encoder.list(requirements)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(name: try decoder.text(), group: try decoder.value(), priority: try decoder.byte())
        regions = try decoder.list()
        channels = try decoder.list()
        segments = try decoder.list()
        languages = try decoder.list()
        products = try decoder.list()
        labels = try decoder.list()
        requirements = try decoder.list()
    }
}

extension Timing: WireValue {
    package func encode(into encoder: inout Encoder) {
        for interval in [
            lease, offerTimeout, grace, reopenWindow, declineExclusion, routerPark, sessionPark, sessionTimeout,
            regionReturn, gossipGather, gossipDigest, reservePatience, offerBackstop,
        ] { encoder.value(interval) }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        lease = try decoder.value()
        offerTimeout = try decoder.value()
        grace = try decoder.value()
        reopenWindow = try decoder.value()
        declineExclusion = try decoder.value()
        routerPark = try decoder.value()
        sessionPark = try decoder.value()
        sessionTimeout = try decoder.value()
        regionReturn = try decoder.value()
        gossipGather = try decoder.value()
        gossipDigest = try decoder.value()
        reservePatience = try decoder.value()
        offerBackstop = try decoder.value()
    }
}

extension Policy: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(version)
        encoder.value(catalog)
        encoder.number(UInt64(groups.count))
        for group in groups { encoder.optional(group) }
        encoder.number(UInt64(agents.count))
        for agent in agents { encoder.optional(agent) }
        encoder.list(regions)
        encoder.list(rules)
        encoder.value(timing)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        let version = try decoder.number32()
        let catalog: Catalog = try decoder.value()
        var groups: [Group?] = []
        for _ in 0..<(try decoder.count()) { groups.append(try decoder.optional()) }
        var agents: [Agent?] = []
        for _ in 0..<(try decoder.count()) { agents.append(try decoder.optional()) }
        self.init(
            version: version, catalog: catalog, groups: groups, agents: agents, regions: try decoder.list(),
            rules: try decoder.list(), timing: try decoder.value())
    }
}

extension Decoder {
    /// The length of a list that is read by hand.
    mutating func count() throws(WireError) -> UInt64 {
        let count = try number()
        guard count <= UInt64(rest) else { throw .truncated }
        return count
    }
}
