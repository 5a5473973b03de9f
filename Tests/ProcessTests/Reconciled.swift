import Testing
import Wire

extension Cluster {
    /// The reconciler has found nothing to put right, in no life of any node: what home routers said that their agents
    /// hold was never twice something else than the ledger. Counters end with a process; its log stays.
    func isReconciled(_ name: String) async throws {
        for member in members {
            let alerts = member.child.text.split(separator: "\n").filter { $0.contains("put right") }
            #expect(alerts.isEmpty, "\(name): \(member.child.name): \(alerts.prefix(3))")
            let repaired = try await member.vitals()["loadsRepaired"]
            #expect(repaired == 0, "\(name): \(member.child.name) repaired \(repaired) loads")
        }
        let vitals = try await coordinator.vitals()
        print(
            "\(name): the reconciler compared \(vitals["loadsCompared"]) times, \(vitals["loadsDiffered"]) differed "
                + "once")
    }
}
