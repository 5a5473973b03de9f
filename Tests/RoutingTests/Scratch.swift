import Testing

@testable import Routing

@Suite struct Scratch {
    @Test func look() throws {
        var bench = Bench(Company(people: EndToEndTests.people), routersIn: ["hq", "north"])
        let ana = bench.attach("ana", at: 1)
        bench.run(for: 200)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        bench.clients[ana].isAttached = false
        bench.step(client: ana, .attach)
        for _ in 0..<12 { bench.run(for: 1)
        print(bench.routers[1].core.sessions.rows, bench.routers[1].core.hosted.rows.map { ($0.epoch, $0.version, $0.seen, $0.isListed) })
        print(bench.now, bench.clients[ana].isAttached, bench.clients[ana].attaching as Any, bench.clients[ana].parked as Any, bench.clients[ana].view as Any)
        }
        print(bench.routers[1].core.sessions.rows, bench.routers[1].core.hosted.rows)
    }
}
