import Testing

@testable import Simulation

@Suite("who reaches whom")
struct LinksTests {
    @Test("two faults cut the same way: it is mended when both have ended; the way back was never cut")
    func cutsCount() {
        var links = Links(nodes: 4)
        links.cut(1, 2)
        links.cut(1, 2)
        links.mend(1, 2)
        #expect(links.isCut(1, 2))
        #expect(!links.isCut(2, 1))
        links.mend(1, 2)
        #expect(!links.isCut(1, 2))
        #expect(!links.isFaulty)
    }

    @Test("a heal mends cuts, clogs and connections that swallow")
    func heals() {
        var links = Links(nodes: 4)
        links.connect(1, 2, process: 1, at: 0)
        links.update(1, 2) { $0.isHalfOpen = true }
        links.cut(0, 1)
        links.clog(1, 0, by: 50)
        #expect(links.isFaulty && links.delay(1, 0) == 50)
        links.heal()
        #expect(!links.isFaulty && links[1, 2]?.isHalfOpen == false)
    }

    @Test("a connection made anew has another pipe, and targets and askers come in order")
    func order() {
        var links = Links(nodes: 4)
        for target in [3, 1, 2] { links.connect(7, target, process: 1, at: 0) }
        links.connect(5, 1, process: 1, at: 0)
        let former = links.remove(7, 1)?.0.pipe
        links.connect(7, 1, process: 1, at: 0)
        #expect(former != nil && links[7, 1]?.pipe != former)
        #expect(links.targets(of: 7) == [1, 2, 3])
        #expect(links.askers(of: 1) == [5, 7])
    }
}
