import Foundation
import Testing

@testable import Routing

@Suite struct Scratch {
    @Test func look() {
        let environment = ProcessInfo.processInfo.environment
        guard let seed = environment["SCRATCH"].flatMap({ UInt64($0) }) else { return }
        var world = World(seed: seed)
        print(world.play())
        let agent = AgentID(UInt32(environment["AGENT"] ?? "0")!)
        let ticket = TicketID(UInt64(environment["TICKET"] ?? "0")!)
        for entry in world.bench.coordinator.journal {
            let text = "\(entry.record)".replacingOccurrences(of: "Routing.", with: "")
            let isAgent = text.contains("AgentID(value: \(agent.value))") && (text.hasPrefix("attached") || text.hasPrefix("detached") || text.hasPrefix("graceEnded"))
            let isMember = text.hasPrefix("router") || text.hasPrefix("reign") || text.hasPrefix("regionOwned")
            if entry.record.ticket == ticket || isAgent || isMember { print(entry.wall.milliseconds - 1_700_000_000_000, text.prefix(300)) }
        }
        for client in world.bench.clients where client.agent == agent {
            print("client", client.name, client.router, client.isAttached, client.epoch, client.queue, client.busy as Any, client.view as Any)
        }
        for router in world.bench.routers {
            print(router.name, router.core.incarnation, router.core.hosted[agent] as Any)
        }
        print(world.bench.coordinator.core?.ledger.agent(agent) as Any)
    }
}
