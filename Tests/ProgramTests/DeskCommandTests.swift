import AgentClient
import Testing

@testable import switchyard

@Suite("what an agent types") struct DeskCommandTests {
    @Test(
        "a line is read as one command with its reason",
        arguments: [
            ("accept", DeskCommand.accept("")), ("accept 7", .accept("7")), ("  resolve  ", .resolve),
            ("decline", .decline("", reason: "", retryAfter: nil)),
            ("decline 7 not mine retry 2m", .decline("7", reason: "not mine", retryAfter: 120_000)),
            ("reply It  works, \"does\" it?", .reply("It  works, \"does\" it?")),
            ("pause", .pause(.customer, nil, reason: "")), ("pause asked", .pause(.customer, nil, reason: "asked")),
            ("pause hold 4h a part comes", .pause(.hold, 14_400_000, reason: "a part comes")),
            ("pause 30m", .pause(.customer, 1_800_000, reason: "")),
            ("escalate", .escalate(nil, reason: "")), ("escalate 3 odd", .escalate(3, reason: "odd")),
            ("escalate 500 customers wait", .escalate(nil, reason: "500 customers wait")),
            ("down 1 done here", .down(1, reason: "done here")),
            ("transfer hq-2 databases", .transfer("hq-2", reason: "databases")),
            ("handover eva", .handOver("eva", reason: "")),
            ("handout \"Acme Ltd\" warranty", .handOut("Acme Ltd", reason: "warranty")),
            ("putoff 4h on his way", .putOff(14_400_000, reason: "on his way")),
            ("return not mine", .giveBack(reason: "not mine")), ("show", .show("")), ("show 7", .show("7")),
            ("status away lunch break", .status(.away, reason: "lunch break")), ("quit", .quit),
        ])
    func reads(_ line: String, _ command: DeskCommand) throws {
        #expect(try DeskCommand.read(line) == command)
    }

    @Test("an empty line is no command")
    func empty() throws { #expect(try DeskCommand.read("   ") == nil) }

    @Test(
        "what cannot be read is said, and nothing is done",
        arguments: [
            "frobnicate", "reply", "note  ", "transfer", "handover", "handout", "putoff", "putoff soon", "status",
            "status sleepy", "accept 7 now", "use", "take", "decline 7 busy retry soon",
        ])
    func refuses(_ line: String) {
        #expect(throws: DeskCommand.Mistake.self) { try DeskCommand.read(line) }
    }

    @Test(
        "the help names every command",
        arguments: [
            "accept", "decline", "reply", "note", "show", "pause", "resume", "resolve", "escalate", "down", "transfer",
            "handover", "handout", "putoff", "return", "status", "ready", "list", "take", "use", "quit",
        ])
    func helps(_ verb: String) { #expect(DeskCommand.teaching.contains("\n  \(verb)")) }

    @Test("`switchyard ticket --help` says what each action does")
    func ticketHelps() {
        for action in ManagedTicket.actions { #expect(TicketVerb.verb.help.contains("  \(action.name) ")) }
    }
}
