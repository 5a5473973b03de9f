import Foundation
import Glibc
import Routing
import Synchronization
import Testing
import Wire

extension Processes {
    @Suite struct DeathTests {}
}

extension Processes.DeathTests {
    @Test("a submission sent twice with its key is one ticket, at any router, after any death")
    func keys() async throws {
        try await Cluster.run(Companies.two, regions: Companies.regions) { cluster in
            let count: UInt64 = 40
            func key(_ number: UInt64) -> SubmitKey { SubmitKey(high: 77, low: number) }
            func submission(_ number: UInt64) -> Submission {
                Submission(product: "skill-1", subject: "number \(number)")
            }
            func submitAll(at router: Member) async throws -> [UInt64] {
                var tickets: [UInt64] = []
                for number in 0..<count {
                    let result = try await router.submit(key(number), submission(number))
                    guard case .accepted(let ticket) = result else { throw Trouble("number \(number): \(result)") }
                    tickets.append(ticket.value)
                }
                return tickets
            }
            let first = try await submitAll(at: cluster.routers[0])
            #expect(Set(first).count == Int(count))
            #expect(try await submitAll(at: cluster.routers[1]) == first)
            try cluster.coordinator.restart()
            try await Self.isServed(cluster)
            #expect(try await submitAll(at: cluster.routers[1]) == first)
            try cluster.routers[0].restart()
            try await Self.isServed(cluster)
            #expect(try await submitAll(at: cluster.routers[0]) == first)
            for router in cluster.routers {
                let other = try await router.submit(key(3), Submission(product: "skill-1", subject: "another"))
                #expect(other == .refused(.keyReused, field: ""))
                #expect(try await router.vitals()["refused.keyReused"] == 1)
            }
            let status = try await cluster.coordinator.status()
            #expect(status.counters.ticketsOpened == count)
            print("keys: \(count) keys sent 4 times, \(status.counters.ticketsOpened) tickets, reign \(status.reign)")
        }
    }

    /// Every router takes submissions: it refuses this one for its fields, not for want of a coordinator.
    private static func isServed(_ cluster: Cluster) async throws {
        for router in cluster.routers {
            let isServing = try await eventually(within: 15) {
                let status = try? await router.status()
                return status?.routers.count == cluster.routers.count
            }
            guard isServing else { throw Trouble("\(router.child.name) is not served: \(router.child.tail(10))") }
        }
    }
}
