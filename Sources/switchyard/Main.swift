import AgentClient
import Journal
import Node
import Routing
import Wire

@main
struct Main {
    /// One call and no closure: a closure written here would belong to the main actor and trap on any other thread.
    static func main() async { await Program.run() }
}

/// Finds the verb and runs it.
enum Program {
    static let verbs: [Verb] = [
        CoordinatorVerb.verb, RouterVerb.verb, NodeVerb.verb, AgentVerb.verb, TicketVerb.verb, StatusVerb.verb,
        DrainVerb.verb, OwnVerb.verb, ReloadVerb.verb, ExplainVerb.verb, CheckVerb.verb, JournalVerb.verb,
        LoadVerb.verb, DemoVerb.verb, SimulateVerb.verb,
    ]

    static func run() async {
        let words = Array(CommandLine.arguments.dropFirst())
        if words == ["--version"] {
            let spoken = "wire version \(wireVersion), reads \(wireVersionOldest)"
            print("switchyard \(Version.program), \(spoken), nng \(NNGNetwork.libraryVersion)")
            Process.exit(ExitCode.success)
        }
        guard let name = words.first, name != "--help", name != "-h", name != "help" else {
            print(help)
            Process.exit(words.isEmpty ? ExitCode.usage : ExitCode.success)
        }
        guard let verb = verbs.first(where: { $0.name == name }) else {
            Console.error("there is no verb \"\(name)\"; `switchyard --help` lists them")
            Process.exit(ExitCode.usage)
        }
        if words.contains("--help") || words.contains("-h") {
            print(verb.help)
            Process.exit(ExitCode.success)
        }
        do {
            let arguments = try Arguments(Array(words.dropFirst()), for: verb)
            Process.exit(try await verb.run(arguments))
        } catch let error as UsageError {
            Console.error("\(error.what)\n`switchyard \(name) --help` says what is possible")
            Process.exit(ExitCode.usage)
        } catch let error as Configuration.Invalid {
            Console.error("\(error)")
            Process.exit(ExitCode.usage)
        } catch let error as JournalError {
            Console.error("the journal cannot be used: \(error.sentence)")
            Process.exit(ExitCode.journalFailed)
        } catch let failure as TicketClient.Failure {
            Console.error(failure.sentence)
            Process.exit(failure.exitCode)
        } catch {
            Console.error("\(error)")
            Process.exit(ExitCode.failed)
        }
    }

    /// nng can free no connection any more; see `ReaperDog`.
    @Sendable static func leaveStuck() {
        Console.error("nng's reaper is stuck: leaving to be started again")
        Process.exit(ExitCode.startAgain)
    }

    static var help: String {
        let width = verbs.map(\.name.count).max() ?? 0
        let lines = verbs.map { verb in
            "  \(verb.name)\(String(repeating: " ", count: width - verb.name.count))  \(verb.summary)"
        }
        return """
            switchyard routes customer-service tickets to agents, over many machines.

            usage: switchyard VERB [options]; `switchyard VERB --help` teaches each.

            \(lines.joined(separator: "\n"))

            Exit codes: 0 done, 1 not done, 2 wrong command line or cluster file, 3 no answer: whether it is done, or
            will be, is not known, 69 no node answers there, 70 the journal failed, 75 start this process again.
            """
    }
}

extension TicketClient.Failure {
    var exitCode: Int32 {
        switch self {
        case .unreachable: ExitCode.unavailable
        case .noAnswer: ExitCode.unknown
        case .refused(.unknown, _): ExitCode.unknown
        case .refused, .notUnderstood: ExitCode.failed
        }
    }

    var sentence: String {
        switch self {
        case .refused(let refusal, _): "refused: \(refusal.sentence)"
        case .noAnswer: "\(self): what was to be done may be done, or may still be"
        case .unreachable, .notUnderstood: "\(self)"
        }
    }
}

extension JournalError {
    /// What is wrong, and what an operator can do about it.
    var sentence: String {
        switch self {
        case .locked: "another coordinator works on this folder (--data)"
        case .emptiedFolder: "\(self): restore the folder from a copy, do not start empty"
        case .initialisedBefore(let marker):
            "\(self): is its disk mounted? If the ledger is really to begin anew, remove \(marker)"
        case .damaged, .damagedHeader, .damagedFile, .missingSegment, .damagedInit, .missingInit, .wrongCluster,
            .unknownVersion, .endsBeforeSnapshot, .strayFile, .snapshotRefused:
            "\(self). Nothing was changed; `switchyard journal verify` says more; restore the folder from a copy"
        case .storage where isDiskFull: "\(self): free some space, then start again; nothing acknowledged is lost"
        case .storage: "\(self): is --data a folder that may be written?"
        default: "\(self)"
        }
    }
}
