import AgentClient
import Foundation
import Node
import Routing
import Wire

/// `switchyard status`: the cluster as the coordinator sees it, and each node as it sees itself.
enum StatusVerb {
    static let verb = Verb(
        name: "status",
        summary: "Shows nodes with their versions and leases, regions with their owners, and what waits where.",
        operands: "",
        options: [
            Arguments.at, Arguments.format,
            Option("watch", nil, "go on: redrawn in place on a terminal, else a block each time; Ctrl-C ends it"),
            Option("every", "T", "with --watch: how often", default: "2s"),
            Option("vitals", nil, "the asked process alone: its processor time, memory and counters"),
        ],
        examples: [
            "switchyard status --at 127.0.0.1:7100", "switchyard status --watch --every 1s",
            "switchyard status --format json",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        let every = try arguments.milliseconds("every", 100...3_600_000) ?? 2_000
        let isJSON = try arguments.wantsJSON
        if !arguments.has("watch") && arguments.given.contains("every") { throw UsageError("--every is for --watch") }
        let client = try await arguments.client()
        let isVitals = arguments.has("vitals")
        guard arguments.has("watch") else {
            print(try await block(client, isVitals: isVitals, isJSON: isJSON))
            return ExitCode.success
        }
        let screen = Screen()
        screen.open()
        while true {
            let shown: String
            do {
                shown = try await block(client, isVitals: isVitals, isJSON: isJSON, isPretty: !isJSON)
            } catch let failure as TicketClient.Failure {
                // A cluster that is away for a moment is what is watched for.
                shown = isJSON ? Console.json(["failure": "\(failure)"], isPretty: false) : failure.sentence
            }
            let clock = Date().formatted(Date.ISO8601FormatStyle())
            screen.show(isJSON ? shown : "\(clock)  \(try arguments.address("at"))\n\(shown)", isJSON: isJSON)
            try await Task.sleep(for: .milliseconds(every))
        }
    }

    private static func block(
        _ client: TicketClient, isVitals: Bool, isJSON: Bool, isPretty: Bool = true
    ) async throws -> String {
        guard isVitals else {
            var shown = try await ShownStatus.ask(client)
            shown.nodes = await ShownNode.ask(shown.routers)
            return isJSON ? Console.json(shown, isPretty: isPretty) : shown.text
        }
        guard case .vitals(let vitals) = try await client.ask(.vitals, patience: .seconds(5)) else {
            throw TicketClient.Failure.notUnderstood
        }
        if isJSON {
            let values = Dictionary(vitals.values.map { ($0.name, $0.value) }) { first, _ in first }
            return Console.json(values, isPretty: isPretty)
        }
        let lines = vitals.values.map { "  \($0.name) \($0.value)" }
        return (["\(vitals.role) \(vitals.name)"] + lines).joined(separator: "\n")
    }
}
