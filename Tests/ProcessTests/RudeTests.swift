import Foundation
import Routing
import Testing
import Wire

extension Processes.HostileTests {
    @Test("thousands of rude connections to every port leave the honest served and no file open")
    func rudeConnections() async throws {
        try await Siege.run("rude connections") { siege in
            let cluster = siege.cluster
            let targets = [
                (Ports.number(cluster.routers[0].address), "rep.sp.nanomsg.org"),
                (Ports.number(cluster.routers[1].gossip), "pub.sp.nanomsg.org"),
                (Ports.number(cluster.coordinator.address), "rep.sp.nanomsg.org"),
            ]
            let seconds = Program.isLong ? 120.0 : 15.0
            let visits = Program.isLong ? 4_000 : 80
            let (count, handshakes) = await onThread {
                let deadline = Date().addingTimeInterval(seconds)
                var count = 0
                var handshakes = 0
                for number in 0..<visits where Date() < deadline {
                    for kind in Rude.allCases {
                        for (port, subprotocol) in targets {
                            if kind.visit(port, subprotocol: subprotocol, number: number) { handshakes += 1 }
                            count += 1
                        }
                    }
                }
                return (count, handshakes)
            }
            print("rude connections: \(count), of which \(handshakes) shook hands")
            #expect(count >= 1_000)
            #expect(handshakes >= 300)
        }
    }

    @Test("a flood of connections that are reset at once does not stop the listeners")
    func resetFlood() async throws {
        try await Siege.run("reset flood") { siege in
            let cluster = siege.cluster
            let addresses = [cluster.routers[0].address, cluster.coordinator.address, cluster.routers[0].gossip]
            let seconds = Program.isLong ? 20.0 : 1.0
            for (index, address) in addresses.enumerated() {
                let port = Ports.number(address)
                for kind in [Rude.finishesAndResets, .leavesAtOnce] {
                    let count = await onThread {
                        let deadline = Date().addingTimeInterval(seconds)
                        var count = 0
                        while Date() < deadline {
                            _ = kind.visit(port, number: count)
                            count += 1
                        }
                        return count
                    }
                    print("reset flood: \(count) connections to port \(index) \(kind)")
                    #expect(count > 100)
                }
            }
        }
    }

    @Test("connections that never shake hands are cut")
    func silentConnections() async throws {
        try await Siege.run("silent connections") { siege in
            let router = siege.cluster.routers[0]
            let hellos = [
                "", "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: webso", "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
            ]
            let port = Ports.number(router.address)
            let before = router.child.openFiles
            let sockets = try (0..<300).map { number in
                let socket = try RawSocket(connect: port)
                socket.write(Array(hellos[number % hellos.count].utf8))
                return socket
            }
            defer { for socket in sockets { socket.close() } }
            let areOpen = try await eventually(within: 5) { router.child.openFiles >= before + 290 }
            #expect(areOpen)
            let during = router.child.openFiles
            let began = ContinuousClock.now
            let isCut = try await eventually(within: 40, every: 100) { router.child.openFiles <= before + 2 }
            #expect(isCut, "\(router.child.openFiles - before) of \(sockets.count) are still there")
            let took = ContinuousClock.now - began
            print("silent connections: files \(before) -> \(during) -> \(router.child.openFiles), cut after \(took)")
        }
    }
}
