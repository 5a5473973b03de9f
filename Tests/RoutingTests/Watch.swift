@testable import Routing

/// The checkers: a naive account of what the journal says, and a look at each router's queues after its turns.
/// What is wrong is noted, and the test expects that nothing was.
struct Watch {
    /// In force now.
    var policy: Policy
    private(set) var wrong: [String] = []
    private var fences: [TicketID: Fence] = [:]
    private var holders: [TicketID: AgentID] = [:]
    private var costs: [TicketID: Cost] = [:]
    private var pending: Set<TicketID> = []
    private var openedBy: [SubmitKey: TicketID] = [:]
    private(set) var closed: Set<TicketID> = []
    private(set) var acknowledged: [TicketID] = []
    private(set) var assignments = 0
    /// Of how many turns of a router one is looked at closely.
    var looksEvery = 8
    private var turns = 0

    init(_ policy: Policy) { self.policy = policy }

    mutating func note(_ what: String) { if wrong.count < 20 { wrong.append(what) } }

    // MARK: - the journal

    mutating func recorded(_ record: LedgerRecord) {
        switch record {
        case .opened(let opened):
            if openedBy.updateValue(opened.ticket, forKey: opened.key) != nil { note("key opened twice") }
            fences[opened.ticket] = Fence(1)
            costs[opened.ticket] = opened.classification.cost
        case .assigned(let ticket, let fence, let agent, _, _):
            assignments += 1
            rise(ticket, fence)
            if let holder = holders[ticket] {
                note("\(ticket.value) goes to \(agent.value) while \(holder.value) holds it")
            }
            holders[ticket] = agent
            if units(of: agent) > policy.agent(agent)?.capacity ?? 0 { note("agent \(agent.value) is over capacity") }
        case .moved(let moved):
            rise(moved.ticket, moved.fence)
            release(moved.ticket)
        case .resolved(let ticket, let agent, _, _):
            if holders[ticket] != agent { note("\(ticket.value) is resolved by one who does not hold it") }
            release(ticket)
        case .closed(let ticket, let fence, _, _):
            rise(ticket, fence)
            release(ticket)
            if !closed.insert(ticket).inserted { note("\(ticket.value) closed twice") }
        case .noted(let ticket, let what, let agent, _):
            if holders[ticket] != agent { note("\(ticket.value) is worked on by one who does not hold it") }
            if case .paused = what { pending.insert(ticket) }
            if case .resumed = what { pending.remove(ticket) }
        case .callback(let ticket, _, let cost, _): costs[ticket] = cost
        case .scheduled(let scheduled):
            rise(scheduled.ticket, scheduled.fence)
            release(scheduled.ticket)
        case .quarantined(let ticket, let fence, _):
            rise(ticket, fence)
            release(ticket)
        case .reignBegan, .policyAdopted, .routerJoined, .routerEnded, .regionOwned, .ownerChosen,
            .routerDraining, .routerSuspect, .attached, .detached, .graceEnded,
            .widened, .attempted, .narrowed, .stepTaken, .raised, .answered, .alerted, .notified, .customerWrote,
            .absorbed, .keyKept, .clocksSet, .clockFired:
            break
        }
    }

    private mutating func rise(_ ticket: TicketID, _ fence: Fence) {
        guard let former = fences[ticket] else { return note("\(ticket.value) was never opened") }
        if fence <= former { note("the fence of \(ticket.value) goes from \(former.value) to \(fence.value)") }
        fences[ticket] = fence
    }

    private mutating func release(_ ticket: TicketID) {
        holders[ticket] = nil
        pending.remove(ticket)
    }

    private func units(of agent: AgentID) -> UInt32 {
        holders.reduce(0) { sum, held in
            guard held.value == agent, let cost = costs[held.key] else { return sum }
            return sum + UInt32(pending.contains(held.key) ? cost.pending : cost.active)
        }
    }

    // MARK: - acknowledgements

    mutating func acknowledged(_ ticket: TicketID, _ keyed: KeyedSubmission) {
        acknowledged.append(ticket)
        if openedBy[keyed.key] != ticket { note("\(ticket.value) was acknowledged and is not in the journal") }
    }

    // MARK: - routers

    /// Everything the router can count anew, and every waiting ticket against every free agent.
    mutating func turned(_ router: Router, at now: Now) {
        turns += 1
        guard turns % looksEvery == 0 else { return }
        for fault in router.checkInvariants(at: now) { note(fault) }
    }
}
