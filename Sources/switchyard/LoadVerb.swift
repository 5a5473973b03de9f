import Node

/// `switchyard load`: simulated traffic.
enum LoadVerb {
    static let verb = Verb(
        name: "load", summary: "Measures a cluster under simulated traffic.", operands: "", options: [], examples: [],
        run: { _ in ExitCode.failed })
}
