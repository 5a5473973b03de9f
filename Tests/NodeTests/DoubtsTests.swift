import Testing

@testable import Node
@testable import Routing

@Suite("doubts about a cluster file that is good") struct DoubtsTests {
    /// Steps of b-1, with another key of the group before them.
    static func doubts(_ steps: String, group: String = "", calendars: String? = nil) throws -> [String] {
        var text = CompanyText()
        text.groups = text.groups.replacing(
            #"steps: [{ when: { waited: "300ms" }, widen: ["a-1"] }]"#, with: "\(group) steps: [\(steps)]")
        if let calendars { text.calendars = calendars }
        return try text.read().doubts
    }

    @Test("steps that can all be taken leave no doubt")
    func none() throws {
        #expect(try Self.doubts(#"{ widen: ["a-1"] }, { when: { waited: "1h" }, escalate: true }"#).isEmpty)
    }

    @Test(
        "what can never be so is named with its group and step",
        arguments: [
            (#"{ when: { closed: true }, alert: true }"#, #"b-1, step 1: "closed" is never so"#),
            (
                #"{ when: { waited: "1m" }, move: "a-1" }, { when: { waited: "2m", segment: "vip" }, alert: true }"#,
                "b-1, step 2: never reached: step 1"
            ),
            (#"{ when: { attempts: 100 }, alert: true }"#, #"b-1, step 1: "attempts" 100 is never so"#),
        ])
    func never(_ steps: String, _ beginning: String) throws {
        let doubts = try Self.doubts(steps)
        #expect(doubts.count == 1 && doubts[0].hasPrefix(beginning), "\(doubts)")
    }

    @Test("a later step that an earlier one only sometimes forestalls is in order")
    func sometimes() throws {
        #expect(
            try Self.doubts(
                #"{ when: { waited: "2m" }, move: "a-1" }, { when: { waited: "1m" }, alert: true }"#
            ).isEmpty)
        #expect(
            try Self.doubts(
                #"{ when: { waited: "1m", segment: "vip" }, move: "a-1" }, { when: { waited: "2m" }, alert: true }"#
            ).isEmpty)
    }

    @Test("nothing is declined where nothing is offered")
    func pull() throws {
        let doubts = try Self.doubts(#"{ when: { attempts: 3 }, alert: true }"#, group: "pull: true,")
        #expect(doubts == [#"b-1: "attempts" is never so: nothing is offered there"#])
    }
}
