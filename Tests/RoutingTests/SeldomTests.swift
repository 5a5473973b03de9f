import Testing

@testable import Routing

@Suite("values that are seldom other than they began")
struct SeldomTests {
    private struct Few: Equatable, Sendable {
        static let none = Few()
        var names: [String] = []
        var count = 0
    }

    @Test("it takes no room of its own before it is changed, nor once it is again as it began")
    func room() {
        var few = Seldom<Few>()
        #expect(!few.isKept && few[or: .none] == .none)
        few.change(from: .none) { $0.count = 0 }
        #expect(!few.isKept)
        few.change(from: .none) { $0.names.append("a") }
        #expect(few.isKept)
        few.change(from: .none) { $0.names = [] }
        #expect(!few.isKept)
    }

    @Test("a part of it is seen where it is, and nothing where nothing is kept")
    func looking() {
        var few = Seldom<Few>()
        #expect(few.look { $0.count } == nil)
        few.change(from: .none) { $0.count = 3 }
        #expect(few.look { $0.count } == 3)
        let copy = few
        few.change(from: .none) { $0.count += 1 }
        #expect(few.look { $0.count } == 4 && copy.look { $0.count } == 3)
    }
}
