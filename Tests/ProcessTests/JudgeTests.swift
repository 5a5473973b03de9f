import Routing
import Testing
import Wire

@testable import Node

/// Canaries: what the judge must not let pass.
@Suite struct JudgeTests {
    private let ann = AgentID(0)
    private let bob = AgentID(1)
    private let one = TicketID(1)
    private let two = TicketID(2)
    private let cause = Cause(.time)

    /// Ann and Bob, with room for one ticket each; only Ann can mend.
    private var company: Company {
        var company = Company()
        company.skills = ["mend"]
        company.groups = ["a", "b"].map { Company.DraftGroup(name: $0, region: $0) }
        company.agents = [
            Company.DraftAgent(name: "ann", skills: [Company.DraftSkill(name: "mend", level: 5)], capacity: 1),
            Company.DraftAgent(name: "bob", capacity: 1),
        ]
        return company
    }

    private func opened(_ ticket: TicketID, key: UInt64 = 1, mending: Bool = false) -> LedgerRecord {
        let signature = Signature(mending ? [Requirement(skill: SkillID(0), levelMin: 1)] : [])
        return .opened(
            LedgerRecord.Opened(
                ticket: ticket, key: SubmitKey(high: 0, low: key), hash: 0,
                classification: Classification(group: GroupID(0), priority: 5, signature: signature, rule: ""),
                submission: Submission()))
    }
    private func assigned(_ ticket: TicketID, _ fence: UInt32, _ agent: AgentID) -> LedgerRecord {
        .assigned(ticket, Fence(fence), agent, nil)
    }
    private func returned(_ ticket: TicketID, _ fence: UInt32) -> LedgerRecord {
        .moved(
            LedgerRecord.Moved(
                ticket: ticket, fence: Fence(fence), group: GroupID(0), cause: .returned, agent: nil, id: nil))
    }
    private func resolved(_ ticket: TicketID, _ agent: AgentID) -> LedgerRecord {
        .resolved(ticket, agent, nil, handedOut: nil)
    }
    private func closed(_ ticket: TicketID, _ fence: UInt32) -> LedgerRecord {
        .closed(ticket, Fence(fence), .solved, cause)
    }

    private func audit(_ records: [LedgerRecord]) -> LedgerAudit {
        var names = Catalog.Additions()
        names.agents = ["ann", "bob"]
        names.skills = ["mend"]
        return LedgerAudit([.policyAdopted(version: 1, text: "", additions: names)] + records, company: company)
    }

    private func judge(
        _ records: [LedgerRecord], seen: [Sighting] = [], keys: [SubmitKey: UInt64] = [:], holdings: [Holding] = [],
        showings: [Showing] = []
    ) -> [String] {
        Judge(audit(records), company, seen: seen, keys: keys, holdings: holdings, showings: showings).judge().troubles
    }

    private var honest: [LedgerRecord] {
        [
            opened(one), assigned(one, 2, ann), returned(one, 3), assigned(one, 4, bob), resolved(one, bob),
            closed(one, 5),
        ]
    }

    @Test("an honest ledger tells each holder with his fence, and an honest client's log agrees")
    func honestLedger() {
        let told = audit(honest)
        #expect(told.troubles.isEmpty)
        #expect(told.tickets[1]?.holders == [2: "ann", 4: "bob"])
        #expect(told.tickets[1]?.resolvedBy == "bob")
        let seen = [
            Sighting(.acknowledged, 1), Sighting(.yours, 1, fence: 2, agent: "ann"),
            Sighting(.yours, 1, fence: 4, agent: "bob"), Sighting(.resolved, 1, fence: 4, agent: "bob"),
        ]
        #expect(judge(honest, seen: seen, keys: [SubmitKey(high: 0, low: 1): 1]) == [])
    }

    @Test("records that must not be are seen: two holders, old fences, strangers, full hands, lacking skills")
    func dishonestLedger() {
        let cases: [[LedgerRecord]] = [
            [opened(one), assigned(one, 2, ann), assigned(one, 3, bob), resolved(one, bob), closed(one, 4)],
            [opened(one), assigned(one, 2, ann), returned(one, 2), closed(one, 3)],
            [opened(one), assigned(one, 2, ann), resolved(one, ann), resolved(one, ann), closed(one, 3)],
            [opened(one), assigned(one, 2, ann), resolved(one, bob), closed(one, 3)],
            [opened(one), assigned(one, 2, ann), resolved(one, ann), assigned(one, 3, bob), closed(one, 4)],
            [opened(one), assigned(one, 2, ann), resolved(one, ann), closed(one, 3), returned(one, 4)],
            [opened(one), opened(two), closed(one, 2), closed(two, 2)],
            [
                opened(one), opened(two, key: 2), assigned(one, 2, ann), assigned(two, 2, ann), closed(one, 3),
                closed(two, 3),
            ],
            [opened(one, mending: true), assigned(one, 2, bob), resolved(one, bob), closed(one, 3)],
            [opened(one), assigned(one, 2, ann)],
        ]
        for records in cases { #expect(!judge(records).isEmpty, "\(records)") }
    }

    @Test("what clients saw and the ledger does not have is seen")
    func dishonestNodes() {
        #expect(judge(honest, seen: [Sighting(.acknowledged, 7)]).count == 1)
        #expect(judge(honest, keys: [SubmitKey(high: 0, low: 9): 1]).count == 1)
        #expect(judge(honest, seen: [Sighting(.yours, 1, fence: 2, agent: "bob")]).count == 1)
        #expect(judge(honest, seen: [Sighting(.resolved, 1, fence: 2, agent: "ann")]).count == 1)
    }

    @Test("clients who are certain of one ticket at a time, of too many, or of one beyond their skill are seen")
    func dishonestHoldings() {
        func holding(_ agent: String, _ ticket: UInt64, _ from: UInt64, _ to: UInt64?, _ product: String = "")
            -> Holding
        {
            Holding(
                agent: agent, ticket: ticket, fence: from, product: product, from: from * 1_000_000_000,
                to: to.map { $0 * 1_000_000_000 })
        }
        #expect(judge(honest, holdings: [holding("ann", 1, 1, 3), holding("bob", 1, 3, 5)]) == [])
        #expect(judge(honest, holdings: [holding("ann", 1, 1, 7), holding("bob", 1, 3, 5)]).count == 1)
        #expect(judge(honest, holdings: [holding("ann", 1, 1, nil), holding("bob", 1, 3, nil)]).count == 1)
        #expect(judge(honest, holdings: [holding("ann", 1, 1, 3), holding("ann", 2, 2, 4)]).count == 1)
        #expect(judge(honest, holdings: [holding("bob", 1, 1, 3, "mend")]).count == 1)
    }

    @Test("an offer of a former owner after one of the present owner's is seen")
    func formerOwner() {
        func showing(_ ticket: UInt64, _ epoch: UInt64, _ milliseconds: UInt64, in group: String = "a") -> Showing {
            Showing(
                agent: "ann", ticket: ticket, fence: 1, group: group, ownerEpoch: epoch, at: milliseconds * 1_000_000)
        }
        #expect(judge(honest, showings: [showing(1, 4, 0), showing(1, 5, 900), showing(1, 5, 1_800)]) == [])
        #expect(judge(honest, showings: [showing(1, 5, 0), showing(2, 4, 100)]) == [])
        #expect(judge(honest, showings: [showing(1, 5, 0), showing(2, 4, 900, in: "b")]) == [])
        #expect(judge(honest, showings: [showing(1, 5, 0), showing(2, 4, 900)]).count == 1)
    }

    @Test("a line that was cut off by a death is no line")
    func cutLine() {
        #expect(Sighting("yours 7 2 ann") == Sighting(.yours, 7, fence: 2, agent: "ann"))
        #expect(Sighting("acknowledged 7 0") == Sighting(.acknowledged, 7))
        for cut in ["yours 7 2", "yours 7", "acknowledged 7", "yo", ""] { #expect(Sighting(Substring(cut)) == nil) }
    }
}
