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

extension Delivery: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .offered(let atOnce):
            encoder.byte(1)
            encoder.byte(atOnce)
        case .assigned: encoder.byte(2)
        case .taken: encoder.byte(3)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .offered(atOnce: try decoder.byte())
        case 2: self = .assigned
        case 3: self = .taken
        case let other: throw .unknown(other)
        }
    }
}

extension DeclineReason: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.value(pause)
        encoder.optional(exclude)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(name: try decoder.text(), pause: try decoder.value(), exclude: try decoder.optional())
    }
}

extension Group: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(id)
        encoder.text(name)
        encoder.value(region)
        encoder.value(tier)
        encoder.optional(escalatesTo)
        encoder.list(steps)
        encoder.value(offerTimeout)
        encoder.number(refuseAt)
        encoder.value(strategy)
        encoder.byte(weight)
        encoder.number(overflowAt)
        encoder.optional(hours)
        encoder.value(delivery)
        encoder.optional(lead)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            id: try decoder.value(), name: try decoder.text(), region: try decoder.value(), tier: try decoder.value(),
            escalatesTo: try decoder.optional(), steps: try decoder.list(), offerTimeout: try decoder.value(),
            refuseAt: try decoder.number32(), strategy: try decoder.value(), weight: try decoder.byte(),
            overflowAt: try decoder.number32(), hours: try decoder.optional(),
            delivery: try decoder.value(), lead: try decoder.optional())
    }
}

extension ChannelLimit: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(channel)
        encoder.number(most)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(channel: try decoder.text(), most: try decoder.number32())
    }
}

extension Channel: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.value(cost)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(name: try decoder.text(), cost: try decoder.value())
    }
}

extension Fairness: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(most)
        encoder.value(window)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        most = try decoder.number32()
        window = try decoder.value()
    }
}

extension Order: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .priority: encoder.byte(1)
        case .aging(let headStarts):
            encoder.byte(2)
            encoder.list(headStarts)
        case .deadline(let targets):
            encoder.byte(3)
            encoder.list(targets)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .priority
        case 2: self = .aging(headStarts: try decoder.list())
        case 3: self = .deadline(targets: try decoder.list())
        case let other: throw .unknown(other)
        }
    }
}

extension Agent: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(id)
        encoder.text(name)
        encoder.list(groups)
        encoder.list(skills)
        encoder.number(capacity)
        encoder.list(channelLimits)
        encoder.value(wrapUp)
        encoder.optional(hours)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            id: try decoder.value(), name: try decoder.text(), groups: try decoder.list(), skills: try decoder.list(),
            capacity: try decoder.number32(), channelLimits: try decoder.list(), wrapUp: try decoder.value(),
            hours: try decoder.optional())
    }
}

extension RuleRequirement: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch source {
        case .skill(let skill):
            encoder.byte(1)
            encoder.value(skill)
        case .product(let otherwise):
            encoder.byte(2)
            encoder.value(otherwise)
        }
        encoder.byte(levelMin)
        encoder.flag(isPreferred)
        encoder.list(relaxations)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        let source: Source
        switch try decoder.byte() {
        case 1: source = .skill(try decoder.value())
        case 2: source = .product(otherwise: try decoder.value())
        case let other: throw .unknown(other)
        }
        self.init(
            source, levelMin: try decoder.byte(), isPreferred: try decoder.flag(), relaxations: try decoder.list())
    }
}

extension Rule: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.value(group)
        encoder.byte(priority)
        for words in [regions, channels, segments, languages, products, labels] { encoder.list(words) }
        encoder.list(requirements)
        encoder.text(sla)
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
        sla = try decoder.text()
    }
}

extension Timing: WireValue {
    package func encode(into encoder: inout Encoder) {
        for interval in [
            lease, offerTimeout, grace, reopenWindow, declineExclusion, routerPark, sessionPark, sessionTimeout,
            regionReturn, gossipGather, gossipDigest, reservePatience, offerBackstop, stickyFor,
            handOverFor, pendingMax, lifeMax, lifeWarning, homecomingAfter, expiredPause,
        ] { encoder.value(interval) }
        encoder.flag(reopenKeepsAge)
        for count in [hopBudget, attemptsMax, deathsMax] { encoder.number(count) }
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
        stickyFor = try decoder.value()
        handOverFor = try decoder.value()
        pendingMax = try decoder.value()
        lifeMax = try decoder.value()
        lifeWarning = try decoder.value()
        homecomingAfter = try decoder.value()
        expiredPause = try decoder.value()
        reopenKeepsAge = try decoder.flag()
        hopBudget = try decoder.number32()
        attemptsMax = try decoder.number32()
        deathsMax = try decoder.number32()
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
        encoder.list(channels)
        encoder.value(fairness)
        encoder.value(order)
        encoder.list(awayReasons)
        encoder.list(declineReasons)
        encoder.list(calendars)
        encoder.list(slas)
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
            rules: try decoder.list(), timing: try decoder.value(), channels: try decoder.list(),
            fairness: try decoder.value(), order: try decoder.value(), awayReasons: try decoder.list(),
            declineReasons: try decoder.list(), calendars: try decoder.list(), slas: try decoder.list())
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
