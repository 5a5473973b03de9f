import Foundation
import Glibc
import Routing
import Testing
import Wire

extension Processes.DeathTests {
    @Test("a coordinator that is stopped for two leases is noticed, forgives its own absence, and work goes on")
    func stoppedCoordinator() async throws {
        try await Company.run { company in
            let cluster = company.cluster
            let incarnations = try await cluster.coordinator.status().routers.map(\.incarnation)
            let redials = try await Self.redials(cluster)
            cluster.coordinator.child.kill(SIGSTOP)
            // The routers' own judgement, while nobody answers them.
            let isNoticed = try await eventually(within: 10) {
                for router in cluster.routers where try await router.vitals()["redials"] == 0 { return false }
                return true
            }
            #expect(isNoticed, "the silence of the coordinator was not noticed")
            // Two leases in all, with what it took to be noticed.
            try await Task.sleep(for: .milliseconds(1_500))
            cluster.coordinator.child.kill(SIGCONT)
            let began = ContinuousClock.now
            #expect(try await company.goesOn(within: 15), "nothing goes on after SIGCONT")
            let took = ContinuousClock.now - began
            let after = try await cluster.coordinator.status().routers.map(\.incarnation)
            print(
                "stopped coordinator: redials \(redials) -> \(try await Self.redials(cluster)), goes on after \(took), "
                    + "incarnations \(incarnations.map(\.value)) -> \(after.map(\.value))")
            try await company.close("stopped coordinator")
        }
    }

    @Test("a router that is stopped for 5 s is replaced, its tickets go on, and it comes back")
    func stoppedRouter() async throws {
        try await Company.run { company in
            let cluster = company.cluster
            let branch = cluster["branch"]
            branch.child.kill(SIGSTOP)
            // Its region gets another owner while it is away.
            let isReplaced = try await eventually(within: 5) {
                let status = try await cluster.coordinator.status()
                return status.routers.count == 1 && Set(status.regions.map(\.owner)).count == 1
            }
            #expect(isReplaced, "the region has no other owner")
            let hq = company.desks[1].seen.count { $0.kind == .resolved }
            try await Task.sleep(for: .seconds(Program.isLong ? 20 : 3))
            let since = company.desks[1].seen.count { $0.kind == .resolved } - hq
            #expect(since > 10, "tickets do not go on")
            let moves = company.desks[0].moves
            branch.child.kill(SIGCONT)
            let began = ContinuousClock.now
            try await cluster.hasMembers(2, within: 15)
            let joined = ContinuousClock.now - began
            #expect(try await company.goesOn(within: 15), "nothing goes on after SIGCONT")
            let names = Set(cluster.routers.map(\.address))
            #expect(names.isSuperset(of: moves))
            print(
                "stopped router: a member again after \(joined); its desk was at \(moves.count) routers, then at "
                    + "\(company.desks[0].moves.count)")
            try await company.close("stopped router")
        }
    }

    @Test("a link to the coordinator that swallows everything while TCP stays up is dialled anew")
    func swallowingLink() async throws {
        try await Company.run(isRelayed: true) { company in
            let cluster = company.cluster
            let hq = cluster["hq"]
            let relay = try #require(cluster.relay)
            #expect(try await hq.vitals()["redials"] == 0)
            let count = relay.freeze()
            let began = ContinuousClock.now
            let isNoticed = try await eventually(within: 15) { try await hq.vitals()["redials"] > 0 }
            let noticed = ContinuousClock.now - began
            #expect(isNoticed)
            try await cluster.hasMembers(2, within: 15)
            #expect(try await company.goesOn(within: 15), "nothing goes on after the redial")
            #expect(hq.child.text.contains("dialling anew"))
            print(
                "swallowing link: \(count) connections frozen, dialled anew after \(noticed), member after "
                    + "\(ContinuousClock.now - began)")
            try await company.close("swallowing link")
        }
    }

    private static func redials(_ cluster: Cluster) async throws -> [UInt64] {
        var counts: [UInt64] = []
        for router in cluster.routers { counts.append(try await router.vitals()["redials"]) }
        return counts
    }
}
