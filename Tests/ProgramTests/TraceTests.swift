import Foundation
import Testing

@testable import switchyard

@Suite("the trace of a day") struct TraceTests {
    static let line = "2012-05-02\t3468\t7\tpl\tPROD824\tMedium\t1:w378>2:w16,p1800>1\t1-737379631"

    @Test("a line is a case with its stops, work and waits")
    func oneLine() throws {
        let trace = try Trace("# a comment\n\(Self.line)\n", day: "2012-05-02", count: nil)
        let one = try #require(trace.cases.first)
        #expect(one.number == 7 && one.arrival == 3468 && one.region == "pl" && one.product == "PROD824")
        #expect(one.tiers == [1, 2, 1])
        #expect(one.stops[1].segments == [.work(16), .pending(1800)])
        #expect(one.stops[2].segments.isEmpty)
    }

    @Test("other days are left out, and a count ends the day early")
    func selection() throws {
        let text = [Self.line, Self.line.replacingOccurrences(of: "05-02", with: "05-03"), Self.line]
            .joined(separator: "\n")
        #expect(try Trace(text, day: "2012-05-02", count: nil).cases.count == 2)
        #expect(try Trace(text, day: "2012-05-02", count: 1).cases.count == 1)
        #expect(try Trace(text, day: "2012-05-05", count: nil).cases.isEmpty)
    }

    @Test("a malformed line is named", arguments: ["1:x5", "4", "1:wfive", "1:w1:w2", ""])
    func malformed(_ path: String) throws {
        let text = "#\n" + Self.line.replacingOccurrences(of: "1:w378>2:w16,p1800>1", with: path)
        if path.isEmpty {
            #expect(try Trace(text, day: "2012-05-02", count: nil).cases.first?.stops.isEmpty == true)
        } else {
            #expect(throws: Trace.Malformed.self) { try Trace(text, day: "2012-05-02", count: nil) }
        }
    }

    @Test("the committed trace has the cases that its description counts")
    func committed() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("cluster/traffic/volvo-2012-05-02_04.tsv")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.utf8.count < 1_000_000)
        for (day, count) in [("2012-05-02", 1809), ("2012-05-03", 1616), ("2012-05-04", 1303)] {
            let trace = try Trace(text, day: day, count: nil)
            #expect(trace.cases.count == count)
            #expect(trace.cases.allSatisfy { !$0.stops.isEmpty && ["hq", "pl", "us", "in", "be"].contains($0.region) })
        }
    }
}
