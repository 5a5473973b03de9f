import Foundation
import Glibc
import Testing

extension Processes {
    @Suite(.enabled(if: WallClock.trouble == nil, "\(WallClock.trouble ?? "")"))
    struct WallClockTests {}
}

extension Processes.WallClockTests {
    private static let company = """
        {
          regions: { hq: {} }, skills: [], groups: { desk: { region: "hq", tier: 1 } },
          agents: { ana: { groups: ["desk"] } }, rules: [], default: { group: "desk" },
          slas: [{ name: "all", clocks: { firstResponse: "15s", resolution: "30m" } }],
        }
        """

    /// A small site under a clock that the test sets.
    private struct Site {
        let folder: String
        let at: String
        let child: Child
        let clock: WallClock

        init() throws {
            folder = NSTemporaryDirectory() + "switchyard-clock-\(String(UInt64.random(in: .min ... .max), radix: 16))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try company.write(toFile: "\(folder)/company.json5", atomically: true, encoding: .utf8)
            at = "127.0.0.1:\(Ports.free(1)[0])"
            clock = WallClock(of: "node", in: folder)
            child = Child(
                "node", program: Program.path,
                [
                    "node", "--config", "\(folder)/company.json5", "--data", "\(folder)/ledger", "--region", "hq",
                    "--listen", at,
                ], folder: folder)
            // By a program between: the library changes the environment of the first one so that Swift would not find
            // its arguments there.
            let variables = clock.environment.map { "\($0.key)=\($0.value)" }.sorted()
            try child.start(under: ["/usr/bin/env"] + variables + ["/usr/bin/env"])
        }

        func say(_ words: [String]) -> (code: Int32, text: String) { Shell.run(Program.path, words + ["--at", at]) }

        /// Of the ticket's history, the lines about its clocks.
        func fired(_ ticket: Int) -> [String] {
            say(["ticket", "show", "\(ticket)"]).text.split(separator: "\n").map(String.init)
                .filter { $0.contains("promise: ") }
        }

        func end() {
            child.kill(SIGKILL)
            child.waitForEnd()
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test(
        "a wall clock that jumps by an hour fires nothing and delays nothing, and is told in the log",
        arguments: [3600, -3600])
    func jump(by seconds: Int) async throws {
        let site = try Site()
        defer { site.end() }
        let isReady = try await eventually(within: 20) { site.say(["ticket", "submit", "--subject", "a"]).code == 0 }
        #expect(isReady, "\(site.child.tail(20))")
        let start = ContinuousClock.now
        try site.clock.set(seconds)
        let isTold = try await eventually(within: 10) { site.child.text.contains("the wall clock jumped by") }
        #expect(isTold, "\(site.child.tail(20))")
        let early = site.fired(1)
        if ContinuousClock.now - start < .seconds(12) { #expect(early == []) }
        let hasFired = try await eventually(within: 25) { !site.fired(1).isEmpty }
        let waited = ContinuousClock.now - start
        #expect(hasFired && waited > .seconds(12) && waited < .seconds(24), "\(waited)")
        let lines = site.fired(1)
        #expect(lines.count == 1 && !lines.contains { $0.contains("late") }, "\(lines)")
    }

    @Test(
        "a new time is believed after a minute; then what it makes overdue fires, marked late",
        .enabled(if: Program.isLong, "a minute, for the long form only"))
    func believed() async throws {
        let site = try Site()
        defer { site.end() }
        let isReady = try await eventually(within: 20) { site.say(["ticket", "submit", "--subject", "a"]).code == 0 }
        #expect(isReady, "\(site.child.tail(20))")
        try site.clock.set(3600)
        let isBelieved = try await eventually(within: 90) { site.child.text.contains("the wall clock is believed") }
        #expect(isBelieved, "\(site.child.tail(20))")
        let isBroken = try await eventually(within: 10) { site.fired(1).count == 2 }
        let lines = site.fired(1)
        #expect(isBroken && lines.contains { $0.contains("resolution broken, ") && $0.contains(" s late") }, "\(lines)")
    }
}
