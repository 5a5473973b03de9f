import Foundation
import Glibc
import Routing
import Testing
import Wire

extension Processes.DeathTests {
    @Test("an agents' client that dies with tickets in hand keeps them if it is back in time, and else loses them")
    func ticketsInHand() async throws {
        try await Company.run { company in
            let routers = company.cluster.routers.map(\.address)
            let log = "\(company.cluster.folder)/late.txt"

            // Back within the grace: the same tickets with the same fences.
            await Self.dieHolding(8, Companies.lateAgents, routers, log)
            let first = Set(Sighting.read(log).filter { $0.kind == .yours })
            #expect(first.count >= 8)
            let back = Desk(Companies.lateAgents, at: routers.reversed())
            #expect(
                try await eventually(within: 10) {
                    first.isSubset(of: back.seen.filter { $0.kind == .yours })
                        && first.allSatisfy { one in
                            back.seen.contains { $0.kind == .resolved && $0.ticket == one.ticket }
                        }
                }, "held \(first), seen \(back.seen)")
            back.stop()

            // Not back: when the grace is over, others get them with a higher fence.
            await Self.dieHolding(8, Companies.lateAgents, routers.reversed(), log)
            let second = Set(Sighting.read(log).filter { $0.kind == .yours }).subtracting(first)
            #expect(second.count >= 8)
            let others = company.desks
            let isTaken = try await eventually(within: 20) {
                let taken = others.flatMap(\.seen).filter { $0.kind == .yours } + Sighting.read(company.loadLog)
                return second.allSatisfy { one in
                    taken.contains { $0.kind == .yours && $0.ticket == one.ticket && $0.fence > one.fence }
                }
            }
            #expect(isTaken, "tickets of a dead agent were not taken by others")
            print("tickets in hand: \(first.count) kept over a death, \(second.count) given to others after the grace")
            try await company.close("tickets in hand", also: [Sighting.read(log), back.seen])
        }
    }

    /// A process of agents who take tickets and keep them, that is killed when it holds so many.
    private static func dieHolding(_ count: Int, _ agents: [String], _ routers: [String], _ log: String) async {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [count = count as Int, agents = agents as [String], routers = routers as [String], log = log as String] in
            let desk = Desk(agents, at: routers, log: log)
            desk.hold()
            guard try await eventually(within: 15, every: 2, { desk.held.count >= count }) else { exit(1) }
            kill(getpid(), SIGKILL)
        }
    }
}
