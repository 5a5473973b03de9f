import Testing

@testable import Routing

@Suite("what the coordinator decides") struct DecidingTests {
    @Test("the same key with the same payload is the same ticket, with another one it is refused")
    func keys() {
        var desk = Desk()
        #expect(desk.decide(desk.open(1)) == .opened(TicketID(1)))
        #expect(desk.decide(desk.open(1)) == .opened(TicketID(1)))
        #expect(desk.decide(desk.open(1, text: "other")) == .refused(.keyReused))
        #expect(desk.decide(desk.open(1, version: 9)) == .opened(TicketID(1)))
        #expect(desk.core.ledger.ticketsOpened == 1)
    }

    @Test("a ticket that was classified with another policy, or into no group, is sent back to be classified")
    func stalePolicy() {
        var desk = Desk()
        #expect(desk.decide(desk.open(1, version: 2)) == .refused(.stalePolicy))
        #expect(desk.decide(desk.open(1, group: GroupID(99))) == .refused(.stalePolicy))
    }

    @Test("a group with `refuseAt` waiting is full, and the others are not")
    func full() {
        var desk = Desk()
        for key in 0..<1000 { #expect(desk.decide(desk.open(UInt64(key))) != .refused(.full)) }
        #expect(desk.decide(desk.open(1000)) == .refused(.full))
        #expect(desk.decide(desk.open(1000, group: GroupID(0))) == .opened(TicketID(1001)))
    }

    @Test("only a router attaches, only agents of the policy are attached, and each attach has a new epoch")
    func attaching() {
        var desk = Desk()
        #expect(desk.decide(.attach(AgentID(9), desk.instance, renewing: nil)) == .refused(.notFound))
        #expect(
            desk.decide(.attach(desk.ana, desk.instance, renewing: nil), from: Incarnation.none)
                == .refused(.notAllowed))
        #expect(desk.attach(desk.ana) == AgentEpoch(1))
        #expect(desk.attach(desk.ana) == AgentEpoch(2))
        #expect(desk.decide(.detach(desk.ana, AgentEpoch(1))) == .refused(.staleEpoch))
        #expect(desk.decide(.detach(desk.ana, AgentEpoch(2)), from: Incarnation(8)) == .refused(.staleEpoch))
        #expect(desk.decide(.detach(desk.ana, AgentEpoch(2))) == .detached)
    }

    @Test("a session is renewed only while it is the newest; otherwise the answer says whose the newer one is")
    func renewing() {
        var desk = Desk()
        _ = desk.attach(desk.ana)
        #expect(desk.decide(.attach(desk.ana, desk.instance, renewing: AgentEpoch(1))) == .attached(AgentEpoch(2), []))
        #expect(desk.decide(.attach(desk.ana, desk.instance, renewing: AgentEpoch(1))) == .refused(.staleEpoch))
        let other = ClientInstance(5)
        #expect(desk.decide(.attach(desk.ana, other, renewing: AgentEpoch(1))) == .refused(.superseded))
    }

    @Test("`assign` refuses a stale fence, a stale session, a stranger's router and one ticket too many")
    func assigning() {
        var desk = Desk()
        let epoch = desk.attach(desk.ana)
        for key in 1...3 { _ = desk.decide(desk.open(UInt64(key))) }
        #expect(desk.assign(TicketID(9), Fence(1), to: desk.ana, epoch) == .refused(.notFound))
        #expect(desk.assign(TicketID(1), Fence(1), to: AgentID(9), epoch) == .refused(.notFound))
        #expect(desk.assign(TicketID(1), Fence(2), to: desk.ana, epoch) == .refused(.gone))
        #expect(desk.assign(TicketID(1), Fence(1), to: desk.ana, AgentEpoch(9)) == .refused(.staleEpoch))
        let id = CommandID(instance: desk.instance, sequence: 500)
        let strange = Command.Assign(
            ticket: TicketID(1), fence: Fence(1), agent: desk.ana, agentEpoch: epoch, id: id)
        #expect(desk.decide(.assign(strange), from: Incarnation(8)) == .refused(.staleEpoch))
        guard case .assigned(let held) = desk.decide(.assign(strange)) else { return #expect(Bool(false)) }
        #expect(held.fence == Fence(2))
        #expect(desk.decide(.assign(strange)) == .assigned(held), "a repeat")
        #expect(desk.assign(TicketID(2), Fence(1), to: desk.ana, epoch) == .refused(.overCapacity))
        #expect(desk.work(.resolve, TicketID(1), Fence(2), by: desk.ana, epoch) == .done(Fence(2)))
        #expect(desk.decide(.assign(strange)) == .refused(.gone), "a repeat that comes after the end")
    }

    @Test("work is refused for a stale fence, another's ticket, an unknown and a closed one")
    func working() {
        var desk = Desk()
        let (ticket, fence, epoch) = desk.hold(1, by: desk.ana)
        let benEpoch = desk.attach(desk.ben)
        #expect(desk.work(.resolve, ticket, Fence(1), by: desk.ana, epoch) == .refused(.gone))
        #expect(desk.work(.resolve, ticket, fence, by: desk.ben, benEpoch) == .refused(.gone))
        #expect(desk.work(.resolve, TicketID(7), fence, by: desk.ana, epoch) == .refused(.notFound))
        #expect(desk.work(.resolve, ticket, fence, by: AgentID(9), epoch) == .refused(.notFound))
        #expect(desk.work(.resolve, ticket, fence, by: desk.ana, AgentEpoch(9)) == .refused(.staleEpoch))
        #expect(desk.work(.resume, ticket, fence, by: desk.ana, epoch) == .refused(.already))
        #expect(desk.work(.pause(reason: ""), ticket, fence, by: desk.ana, epoch) == .done(fence))
        #expect(desk.work(.pause(reason: ""), ticket, fence, by: desk.ana, epoch) == .refused(.already))
        #expect(desk.work(.resolve, ticket, fence, by: desk.ana, epoch) == .done(fence))
        desk.pass(11_000)
        #expect(desk.work(.resolve, ticket, fence, by: desk.ana, epoch) == .refused(.closed))
        #expect(desk.decide(.show(TicketID(8))) == .refused(.notFound))
    }

    @Test("there is no way up from the top, none down from the bottom, none to a group that is not there")
    func noWay() {
        var desk = Desk()
        let (ticket, fence, epoch) = desk.hold(1, by: desk.ana)
        #expect(desk.work(.sendDown(to: nil), ticket, fence, by: desk.ana, epoch) == .refused(.notAllowed))
        #expect(desk.work(.transfer(to: "nobody"), ticket, fence, by: desk.ana, epoch) == .refused(.notFound))
        #expect(desk.work(.transfer(to: Company.groups[2]), ticket, fence, by: desk.ana, epoch) == .done(fence.next))
        guard case .assigned(let held) = desk.assign(ticket, fence.next, to: desk.ana, epoch) else {
            return #expect(Bool(false))
        }
        #expect(desk.work(.escalate(to: nil), ticket, held.fence, by: desk.ana, epoch) == .refused(.notAllowed))
    }

    @Test("a repeated command gets its first answer and is done once")
    func repeated() {
        var desk = Desk()
        let (ticket, fence, epoch) = desk.hold(1, by: desk.ana)
        let id = CommandID(instance: desk.instance, sequence: 900)
        for _ in 0..<3 {
            #expect(desk.work(.giveBack(), ticket, fence, by: desk.ana, epoch, id: id) == .done(fence.next))
        }
        #expect(desk.core.ledger.tickets[ticket]?.steps.map(\.kind) == [.opened, .assigned, .returned])
    }

    @Test("after the grace a vanished agent's tickets wait again, with their age and a new fence")
    func grace() throws {
        var desk = Desk()
        let (ticket, fence, epoch) = desk.hold(1, by: desk.ana)
        let entered = try #require(desk.core.ledger.tickets[ticket]).enteredAt
        #expect(desk.decide(.detach(desk.ana, epoch)) == .detached)
        for _ in 0..<59 { desk.pass(100) }
        desk.pass(99)
        #expect(desk.core.ledger.tickets[ticket]?.state == .assigned(desk.ana))
        desk.pass(1)
        let returned = try #require(desk.core.ledger.tickets[ticket])
        #expect(returned.state == .waiting)
        #expect(returned.fence == fence.next)
        #expect(returned.enteredAt == entered)
        #expect(desk.core.ledger.agent(desk.ana)?.presence == .offline)
    }
}
