import Foundation
import Glibc
import Routing
import Testing
import Wire

extension Processes {
    @Suite struct UpgradeTests {}
}

extension Processes.UpgradeTests {
    /// The routers begin as those of version 1 (`--speak 1`), and the coordinator and all clients have been upgraded.
    @Test("routers are upgraded one at a time under traffic: work goes on, nothing is lost, held by two, or unread")
    func oneAtATime() async throws {
        var plan = Drive.Plan()
        plan.posts = ["branch", "branch-2@branch", "hq"]
        plan.begin = ["--speak", "1"]
        try await Drive.run(plan) { drive in
            let cluster = drive.cluster
            func spoken() async throws -> [UInt8] {
                let routers = try await cluster.coordinator.status().routers
                return cluster.routers.map { router in
                    routers.first { $0.name == router.child.name }?.speaks ?? 0
                }
            }
            let before = try await spoken()
            #expect(before == [1, 1, 1])
            for (place, router) in cluster.routers.enumerated() {
                router.child.kill(SIGTERM)
                let hasEnded = try await eventually(within: 20) { !router.child.isRunning }
                #expect(hasEnded, "\(router.child.tail(10))")
                try router.child.start()
                try await cluster.hasMembers(cluster.routers.count, within: 30)
                let now = try await spoken()
                #expect(now == cluster.routers.indices.map { $0 <= place ? 2 : 1 })
                let goesOn = try await drive.goesOn(within: 30)
                #expect(goesOn, "nothing goes on with versions \(now)")
            }
            for member in cluster.members {
                let vitals = try await member.vitals()
                #expect(vitals["wireErrors"] == 0, "\(member.child.name): \(member.child.tail(10))")
            }
            try await drive.close("an upgrade")
        }
    }
}
