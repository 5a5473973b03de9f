/// An agent whose session is here, and what his capacity is spent on.
struct HostedAgent: Sendable {
    let id: AgentID
    let epoch: AgentEpoch
    let instance: ClientInstance
    /// As the policy has them now.
    var capacity: UInt32
    var skills: [SkillLevel]
    var channelLimits: [ChannelLimit]
    /// What he, or the cluster for him, has set.
    var status: Status
    /// Why he is away, in one of the policy's words.
    var reason = ""
    var offers: [HostedOffer] = []
    var work: [HostedWork] = []
    /// What he said no to of late; `Limits.declinesKept` at most, oldest first.
    var declined: [DeclinedOffer] = []
    /// Tickets that are being opened for him.
    var expected: [ExpectedWork] = []
    /// Rises with each change of what his client should show; `seen` is the newest that his client has acknowledged.
    var version: UInt32 = 1
    var seen: UInt32 = 0
    /// Whether the view is in the session's list of views to send.
    var isListed = false
    /// Rises with each change of what other routers should know.
    var presenceVersion: UInt32 = 0
    var idleSince: Instant
    var offeredAt = Instant(milliseconds: 0)
    /// When he was given tickets, within the window of fairness, oldest first; `Limits.givenKept` at most.
    var given: [Instant] = []
    var handled: UInt32 { UInt32(given.count) }
    /// Tickets that are out of his hands and still take his units.
    var wrapUps: [WrapUp] = []
    /// When he became available of late, oldest first.
    var becameAvailable: [Instant] = []
    /// The engine leaves him alone although he is available.
    var isResting = false
    /// It is outside of the hours that the policy gives him.
    var isOffShift = false
    /// With the offers he is shown now he has had his fair share.
    var isAtShare = false
    /// So it does until then, because of how he answered an offer.
    var pausedUntil: Instant?
    /// The state as of which it was last heard what others did to his tickets.
    var toldAt = LSN.zero
    /// Up to where an outcome that changed his work may reach: what was told of an older state may lack it.
    var settledAt = LSN.zero
    /// His session is to go to another router: he gets no new offers here.
    var isMoving = false
    /// False after a newer session took over: kept only until this one's client has been told.
    var isCurrent = true

    var load: UInt32 {
        work.reduce(0) { $0 + $1.assignment.units } + offers.reduce(0) { $0 + UInt32($1.offer.cost.active) }
            + wrapUps.reduce(0) { $0 + UInt32($1.units) } + expected.reduce(0) { $0 + UInt32($1.cost.active) }
    }
    /// Takes over what belongs to the person and not to the session that was here before.
    mutating func `continue`(_ former: HostedAgent, isSameClient: Bool) {
        idleSince = former.idleSince
        offeredAt = former.offeredAt
        given = former.given
        wrapUps = former.wrapUps
        declined = former.declined
        becameAvailable = former.becameAvailable
        isResting = former.isResting
        pausedUntil = former.pausedUntil
        expected = former.expected
        if isSameClient { keep(former.status, former.reason) }
    }

    /// What he was before his session came here. That he did not respond goes with him: only he himself ends that.
    mutating func keep(_ status: Status, _ reason: String) {
        guard status.isSettable || status == .notResponding else { return }
        self.status = status
        self.reason = reason
    }

    /// What other routers are told: his status, unless the engine leaves him alone.
    var presence: Status {
        if !isCurrent { return .offline }
        let isLeftAlone = isResting || isOffShift || isAtShare || isMoving || pausedUntil != nil
        if isLeftAlone && status.takesOffers { return .resting }
        // For one ticket only: while he has one, and in his time after it, he takes no other.
        let isFree = work.isEmpty && offers.isEmpty && expected.isEmpty && wrapUps.isEmpty
        if status == .availableForOne && !isFree { return .resting }
        return status
    }
    /// Whether he would be given tickets if his hands were free.
    var isOnDuty: Bool { isCurrent && status.takesOffers && !isOffShift }

    var freeUnits: UInt32 { presence.takesOffers && load < capacity ? capacity - load : 0 }

    /// Channels of which he may have no more.
    var fullChannels: [String] {
        channelLimits.filter { limit in held(of: limit.channel) >= Int(limit.most) }.map(\.channel)
    }

    private func held(of channel: String) -> Int {
        work.filter { $0.assignment.submission.channel == channel }.count
            + offers.filter { $0.offer.channel == channel }.count
            + expected.filter { $0.channel == channel }.count
    }

    /// Whether the ticket of that offer is his already, or he is about to have it.
    func has(_ id: OfferID) -> Bool {
        work.contains { $0.assignment.ticket == id.ticket && $0.assignment.fence > id.fence }
            || offers.contains { $0.isAccepting && $0.offer.id.ticket == id.ticket }
    }
    /// Remembers that he is not to be shown that ticket until then.
    mutating func decline(_ id: OfferID, until: Instant, at now: Instant) {
        declined.removeAll { $0.until <= now || $0.ticket == id.ticket }
        if declined.count == Limits.declinesKept { declined.removeFirst() }
        declined.append(DeclinedOffer(ticket: id.ticket, fence: id.fence, until: until))
    }
    /// Whether he has the units for it, and may have one more of its channel.
    func hasRoom(for offer: Offer) -> Bool {
        guard freeUnits >= UInt32(offer.cost.active) else { return false }
        guard let limit = channelLimits.first(where: { $0.channel == offer.channel }) else { return true }
        return held(of: offer.channel) < Int(limit.most)
    }
}

struct DeclinedOffer: Equatable, Sendable {
    let ticket: TicketID
    let fence: Fence
    let until: Instant
}

struct WrapUp: Equatable, Sendable {
    let units: UInt8
    let until: Instant
}

/// The slot of a ticket that the coordinator is asked to open and assign at once.
struct ExpectedWork: Equatable, Sendable {
    let key: SubmitKey
    let cost: Cost
    let channel: String
}

struct HostedOffer: Sendable {
    let offer: Offer
    var owner: Incarnation
    let expires: Instant
    /// The version of the view that showed it first.
    let version: UInt32
    /// When the client acknowledged that view.
    var seenAt: Instant?
    /// The agent said yes; the coordinator is being asked.
    var isAccepting = false
}

struct HostedWork: Sendable {
    var assignment: Assignment
    let version: UInt32

    func isFor(_ ticket: TicketID, _ fence: Fence) -> Bool {
        assignment.ticket == ticket && assignment.fence == fence
    }
}
