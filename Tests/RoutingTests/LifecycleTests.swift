import Testing

@testable import Routing

@Suite("the life of a ticket, cell by cell") struct LifecycleTests {
    typealias Start = LifecycleBench.Start

    static func rows(_ part: String) -> [LifecycleTable.Row] { LifecycleTable.written.rows.filter { $0.part == part } }

    /// Compares each cell of the row with what comes of it.
    private func check(_ row: LifecycleTable.Row, _ happen: (Start) -> String) {
        #expect(row.cells.count == Start.allCases.count)
        for (start, cell) in zip(Start.allCases, row.cells) {
            #expect(happen(start) == cell, "\(row) when \(start)")
        }
    }

    @Test("the table names every command there is, and every state")
    func whole() {
        let names = Self.rows("manage").map { String($0.name.split(separator: ",")[0]) }
        #expect(Set(names) == Set(Lifecycle.Kind.allCases.map { "\($0)" }))
        let works = Self.rows("work").map(\.name).filter { !$0.hasPrefix("any") }
        #expect(Set(works) == Set(LifecycleBench.works.keys))
        #expect(Self.rows("timers").count == 6)
        #expect(Self.rows("offers").count == 5)
        for start in Start.allCases {
            let state = LifecycleBench(start).record?.state
            #expect(LifecycleBench.letter(state) == String("\(start)".prefix(1)))
        }
    }

    @Test("what customers and supervisors do comes out as the table says", arguments: rows("manage"))
    func managing(_ row: LifecycleTable.Row) throws {
        check(row) { start in
            var bench = LifecycleBench(start)
            bench.prepare(row.name)
            guard let action = bench.action(row.name) else { return "no such action" }
            return bench.cell { $0.manage(action) }
        }
    }

    @Test("a repeat under its key is answered as the first was and does nothing", arguments: rows("manage"))
    func repeated(_ row: LifecycleTable.Row) throws {
        for start in Start.allCases {
            var bench = LifecycleBench(start)
            let action = try #require(bench.action(row.name))
            let first = bench.manage(action, key: 1)
            guard case .done = first else { continue }
            // Whatever happens to it meanwhile.
            _ = bench.manage(.setPriority(1))
            _ = bench.manage(.requeue)
            _ = bench.manage(.reopen)
            let lsn = bench.desk.core.ledger.lsn
            #expect(bench.manage(action, key: 1) == first, "\(row) when \(start)")
            #expect(bench.manage(action, key: 1, note: "another") == .refused(.keyReused), "\(row) when \(start)")
            #expect(bench.manage(.write(text: "else"), key: 1) == .refused(.keyReused), "\(row) when \(start)")
            #expect(bench.desk.core.ledger.lsn == lsn)
        }
    }

    @Test("what the holder does comes out as the table says", arguments: rows("work"))
    func working(_ row: LifecycleTable.Row) throws {
        let actions = LifecycleBench.works.filter { row.name.hasPrefix("any") || $0.key == row.name }
        #expect(!actions.isEmpty)
        for (name, action) in actions.sorted(by: { $0.key < $1.key }) {
            check(row) { start in
                var bench = LifecycleBench(start)
                if row.name == "any, older fence" {
                    return bench.cell { $0.work(action, fence: $0.olderFence) }
                }
                if row.name == "any, not the holder" {
                    return bench.cell { $0.workAsBen(action) }
                }
                #expect(name == row.name)
                return bench.cell { $0.work(action) }
            }
        }
    }

    @Test("a repeat under its number is answered as the first was and does nothing", arguments: rows("work"))
    func numbered(_ row: LifecycleTable.Row) throws {
        guard let action = LifecycleBench.works[row.name] else { return }
        for start in [Start.assigned, .pending] {
            var bench = LifecycleBench(start)
            let id = CommandID(instance: bench.desk.instance, sequence: 1_000)
            let fence = bench.fence
            let first = bench.work(action, fence: fence, id: id)
            guard case .done = first else { continue }
            _ = bench.manage(.requeue)
            _ = bench.manage(.cancel)
            let lsn = bench.desk.core.ledger.lsn
            #expect(bench.work(action, fence: fence, id: id) == first, "\(row) when \(start)")
            #expect(bench.desk.core.ledger.lsn == lsn)
        }
    }

    @Test("what becomes of offers comes out as the table says", arguments: rows("offers"))
    func offering(_ row: LifecycleTable.Row) {
        check(row) { start in
            var bench = LifecycleBench(start, attempts: row.name == "attempted, the last" ? 1 : 0)
            return bench.cell {
                let fence = row.name.hasSuffix("older fence") ? $0.olderFence : $0.fence
                return row.name.hasPrefix("assign") ? $0.assign(fence: fence) : $0.attempt(fence: fence)
            }
        }
    }

    @Test("an accepted offer is answered the same a second time, and not at all once it is another's")
    func acceptedTwice() {
        var bench = LifecycleBench(.waiting)
        let id = CommandID(instance: bench.desk.instance, sequence: 1_000)
        let fence = bench.fence
        let first = bench.assign(fence: fence, id: id)
        #expect(bench.fence == fence.next)
        #expect(bench.assign(fence: fence, id: id) == first)
        _ = bench.manage(.requeue)
        #expect(bench.assign(fence: fence, id: id) == .refused(.gone))
    }

    @Test("each timer does what the table says, and nothing in any other state", arguments: rows("timers"))
    func timers(_ row: LifecycleTable.Row) {
        check(row) { start in
            var bench = LifecycleBench(start, deaths: row.name == "grace, the last" ? 1 : 0)
            bench.wait(for: row.name)
            return bench.cell {
                let isKnown = $0.fire(row.name)
                #expect(isKnown)
                return nil
            }
        }
    }

    @Test("a state that ends by itself has a timer, every other one has none, and a closed ticket has none at all")
    func timersOfStates() {
        for start in Start.allCases {
            let bench = LifecycleBench(start)
            let core = bench.desk.core
            let endsByItself = [Start.pending, .resolved, .scheduled].contains(start)
            #expect((core.timers.due(.term(bench.ticket)) != nil) == endsByItself, "\(start)")
            if start != .waiting { #expect(core.timers.due(.review(bench.ticket)) == nil, "\(start)") }
            #expect(core.timers.due(.clocks(bench.ticket)) == nil, "\(start)")
        }
    }

    @Test("a line of the table that says something else is told from what is so")
    func canary() {
        let table = LifecycleTable(
            "///     work    waiting  assigned  pending  resolved  scheduled  quarantined  closed\n"
                + "///     any, older fence  gone  gone  w+  gone  gone  gone  closed\n")
        #expect(table.rows.map(\.name) == ["any, older fence"])
        #expect(table.rows[0].cells[2] == "w+")
        #expect(table.rows[0].part == "work")
        var bench = LifecycleBench(.pending)
        #expect(bench.cell { $0.work(.giveBack()) } == "w+")
    }

    @Test("a field beyond its bounds is `invalid`, whatever the ticket's state")
    func bounds() {
        let long = String(repeating: "x", count: Limits.textBytesMax + 1)
        for start in Start.allCases {
            var bench = LifecycleBench(start)
            for action: ManageAction in [
                .write(text: long), .callback(contact: long), .schedule(in: Limits.delayMax + .seconds(1)),
                .setPriority(10),
            ] {
                #expect(bench.manage(action) == .refused(.invalid))
            }
            #expect(bench.manage(.cancel, note: long) == .refused(.invalid))
        }
    }
}
