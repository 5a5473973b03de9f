import Foundation
import Glibc
import Routing
import Testing
import Wire

extension Processes.DeathTests {
    @Test("an agents' client that dies with tickets in hand keeps them if it is back in time, and else loses them")
    func ticketsInHand() async throws {
        try await Drive.run { drive in
            let routers = drive.cluster.routers.map(\.address)
            let log = "\(drive.cluster.folder)/late.txt"

            // Back within the grace: the same tickets with the same fences.
            await Self.dieHolding(8, Companies.lateAgents, routers, log)
            let first = Set(Sighting.read(log).filter { $0.kind == .yours })
            #expect(first.count >= 8)
            let back = Desk(Companies.lateAgents, at: routers.reversed())
            let areResolved = try await eventually(within: 10) {
                let resolved = Set(back.seen.filter { $0.kind == .resolved }.map(\.ticket))
                return first.isSubset(of: back.seen) && resolved.isSuperset(of: first.map(\.ticket))
            }
            #expect(areResolved, "held \(first), seen \(back.seen)")
            back.stop()

            // Not back: when the grace is over, others get them with a higher fence.
            await Self.dieHolding(8, Companies.lateAgents, routers.reversed(), log)
            let second = Set(Sighting.read(log).filter { $0.kind == .yours }).subtracting(first)
            #expect(second.count >= 8)
            let others = drive.desks
            let isTaken = try await eventually(within: 20) {
                let taken = others.flatMap(\.seen).filter { $0.kind == .yours } + Sighting.read(drive.loadLog)
                return second.allSatisfy { one in
                    taken.contains { $0.kind == .yours && $0.ticket == one.ticket && $0.fence > one.fence }
                }
            }
            #expect(isTaken, "tickets of a dead agent were not taken by others")
            print("tickets in hand: \(first.count) kept over a death, \(second.count) given to others after the grace")
            try await drive.close("tickets in hand", also: [Sighting.read(log), back.seen])
        }
    }

    @Test("an agents' client that hangs for longer than its grace cannot resolve what others hold by then")
    func hungClient() async throws {
        let quick = Companies.two.replacing(
            "settings: {", with: "settings: { sessionPark: \"500ms\", sessionTimeout: \"1s\",")
        try await Drive.run(Drive.Plan(company: quick)) { drive in
            let routers = drive.cluster.routers.map(\.address)
            let log = "\(drive.cluster.folder)/hung.txt"
            async let end: Void = Self.hangHolding(8, Companies.lateAgents, routers, log)
            let ready = try await eventually(within: 20) { FileManager.default.fileExists(atPath: log + ".id") }
            let text = try String(contentsOfFile: log + ".id", encoding: .utf8)
            let id = try #require(ready ? Int32(text) : nil)
            kill(id, SIGSTOP)
            // Whatever fails: one that is stopped for ever is never waited for to the end.
            defer { kill(id, SIGCONT) }
            let held = Set(Sighting.read(log).filter { $0.kind == .yours })
            let others = drive.desks
            let isTaken = try await eventually(within: 20) {
                let taken = others.flatMap(\.seen) + Sighting.read(drive.loadLog)
                return held.allSatisfy { one in
                    taken.contains { $0.kind == .yours && $0.ticket == one.ticket && $0.fence > one.fence }
                }
            }
            #expect(isTaken, "the tickets of a client that hangs were not taken by others")
            try Data().write(to: URL(fileURLWithPath: log + ".go"))
            kill(id, SIGCONT)
            await end
            let late = Sighting.read(log).filter { $0.kind == .resolved }
            let stolen = Set(late.map(\.ticket)).intersection(held.map(\.ticket))
            #expect(stolen.isEmpty, "\(late)")
            print("hung client: \(held.count) tickets taken by others; none resolved by him")
            try await drive.close("hung client", also: [Sighting.read(log)])
        }
    }

    /// A process of agents who take tickets and keep them, that is told to resolve them all when it has been stopped.
    private static func hangHolding(_ count: Int, _ agents: [String], _ routers: [String], _ log: String) async {
        await #expect(processExitsWith: .success) {
            [count = count as Int, agents = agents as [String], routers = routers as [String], log = log as String] in
            let desk = Desk(agents, at: routers, log: log)
            desk.hold()
            guard try await eventually(within: 15, every: 2, { desk.held.count >= count }) else { exit(1) }
            try Data("\(getpid())".utf8).write(to: URL(fileURLWithPath: log + ".id"), options: .atomic)
            let isTold = try await eventually(within: 60, every: 5) {
                FileManager.default.fileExists(atPath: log + ".go")
            }
            guard isTold else { exit(2) }
            let kept = desk.held.count
            desk.letGo()
            let isAnswered = try await eventually(within: 20) {
                desk.refusals.values.reduce(0, +) + desk.seen.count { $0.kind == .resolved } >= kept
            }
            exit(isAnswered ? 0 : 3)
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
