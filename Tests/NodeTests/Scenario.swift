import Foundation
import Node
import Routing
import Synchronization
import Wire

/// A scenario at work: the nodes of production on a stepped clock, one router a region, agents who do what the steps
/// say, and a scribe who writes down what happens: offers and statuses as the agents' programs see them, everything
/// else as the coordinator's ledger has it.
final class Scenario {
    let cluster: SteppedCluster
    private(set) var company: Company
    /// The cluster file that was taken over last.
    private(set) var companyText: String
    private(set) var players: [String: ScenarioPlayer] = [:]
    /// In the order in which they first came.
    private var names: [String] = []
    private let begin: UInt64
    private let scribe = Scribe()
    private var lines: [String] = []
    /// Tickets that are not closed, with how many steps of each are written down.
    private var told: [(ticket: TicketID, steps: Int)] = []
    private var timers: [(due: UInt64, act: () -> Void)] = []
    var submitted: UInt64 = 0
    private var instanceLast: UInt64 = 100

    /// Notes that the coordinator said something, so that the ledger is looked at only then.
    private final class Scribe: Sendable {
        private let isNew = Mutex(true)
        func note() { isNew.withLock { $0 = true } }
        func take() -> Bool {
            isNew.withLock { isNew in
                defer { isNew = false }
                return isNew
            }
        }
    }

    init(_ file: ScenarioFile) throws {
        let text = file.company
        companyText = text
        company = try Configuration.read([("scenario.json5", text)])
        let scribe = scribe
        cluster = try SteppedCluster(
            regions: company.regions, town: file.begins.map { Town(beginning: $0) } ?? Town(),
            onReply: { _, _ in scribe.note() },
            company: { try Configuration.read([("scenario.json5", text)]) })
        begin = cluster.town.now.instant.milliseconds
    }

    /// Another cluster file, while everything runs; a wrong one is written down and nothing else comes of it.
    func reload(_ text: String) throws {
        do {
            let read = try Configuration.read([("scenario.json5", text)])
            company = read
            companyText = text
        } catch let invalid as Configuration.Invalid {
            for mistake in invalid.mistakes { write("refused: \(mistake)") }
        }
        try cluster.reload { try Configuration.read([("scenario.json5", text)]) }
        scribe.note()
    }

    // MARK: - time

    var now: UInt64 { cluster.town.now.instant.milliseconds - begin }

    /// Does the step, and gives the lines of what happened until the time of the next.
    func play(_ step: ScenarioFile.Step, until next: UInt64?) throws -> [String] {
        if let verb = step.words.first {
            guard let act = Self.allVerbs[verb] else {
                throw ScenarioFile.Mistake(
                    step.line, "\"\(verb)\" is none of \(Self.allVerbs.keys.sorted())")
            }
            do { try act(self, Array(step.words.dropFirst())) } catch let refused as Misuse {
                throw ScenarioFile.Mistake(step.line, "\(verb): \(refused.reason)")
            }
            settle()
        }
        if let next { run(until: next) }
        defer { lines = [] }
        return lines
    }

    func run(until end: UInt64) {
        settle()
        while now < end {
            let rest = min(end, timers.map(\.due).min() ?? end) - now
            cluster.hop(atMost: min(rest, 100))
            settle()
        }
    }

    /// Everybody reads and answers until nobody has anything more to say at this moment.
    func settle() {
        for _ in 0..<200 {
            cluster.settle()
            if !look() { return }
        }
    }

    func after(_ milliseconds: UInt64, _ act: @escaping () -> Void) { timers.append((now + milliseconds, act)) }

    // MARK: - what is written down

    /// With its time, indented under the step.
    func write(_ text: String, at milliseconds: UInt64? = nil) {
        let seconds = String(Double(milliseconds ?? now) / 1000)
        let time = (seconds.hasSuffix(".0") ? String(seconds.dropLast(2)) : seconds) + "s"
        lines.append(ScenarioFile.margin + time + String(repeating: " ", count: max(1, 9 - time.count)) + text)
    }

    /// What is read from a screen, as it stands there.
    func quote(_ text: String) {
        for line in text.split(separator: "\n") { lines.append("\(ScenarioFile.margin)  | \(line)") }
    }

    /// False when nothing is new.
    private func look() -> Bool {
        var isBusy = false
        if let place = timers.indices.filter({ timers[$0].due <= now }).min(by: { timers[$0].due < timers[$1].due }) {
            timers.remove(at: place).act()
            isBusy = true
        }
        // The ledger's news first: what agents see comes of it.
        if scribe.take() {
            for place in told.indices { tell(place) }
            told.removeAll { $0.steps == .max }
            _ = scribe.take()
        }
        for name in names where players[name]!.look(self) { isBusy = true }
        return isBusy
    }

    func follow(_ ticket: TicketID) {
        told.append((ticket, 0))
        scribe.note()
    }

    private func tell(_ place: Int) {
        let token = cluster.send(SteppedCluster.coordinator, .query(.show(told[place].ticket)), as: "scribe")
        cluster.settle()
        guard case .answered(.shown(let record), let catalog)? = cluster.answer(token) else { return }
        for step in record.steps.dropFirst(told[place].steps) {
            let offset = cluster.town.now.wall.since(step.at).milliseconds
            write(step.sentence(record, catalog), at: now - min(now, offset))
        }
        told[place].steps = record.state == .closed ? .max : record.steps.count
    }

    // MARK: - agents

    func player(_ name: String) throws -> ScenarioPlayer {
        guard let player = players[name] else { throw Misuse("\(name) is not attached") }
        return player
    }

    /// A new program of the agent's, as after a start of his machine.
    func attach(_ name: String, at router: String) throws {
        instanceLast += 1
        let player = ScenarioPlayer(name, ClientInstance(instanceLast), at: router)
        let request = Request.attach(Attach(instance: player.instance, agents: [name]))
        guard case .attached(let attached)? = ask(router, request, as: player.address),
            let result = attached.results.first
        else { return write("\(name) is not answered") }
        if let refusal = result.refusal { return write("\(name) is refused: \(refusal)") }
        if let former = players[name] {
            former.end()
        } else {
            names.append(name)
        }
        players[name] = player
        player.welcome(result)
    }

    // MARK: - questions

    /// Lets as little time pass as the answer needs, at most 5 s.
    func ask(_ address: String, _ request: Request, as client: String = "operator") -> Reply? {
        let token = cluster.send(address, request, as: client)
        let end = now + 5_000
        // Who asks hears before anybody has looked at what else came of it.
        cluster.settle()
        while cluster.answer(token) == nil && now < end { run(until: now + 1) }
        return cluster.answer(token)
    }
}

/// A step that cannot be done as written.
struct Misuse: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

extension Town {
    /// With its clock at that time when a scenario begins: a cluster has been running for a second then.
    convenience init(beginning: Date) {
        self.init(epoch: UInt64(beginning.timeIntervalSince1970) * 1000 - 1_001_000)
    }
}

extension TicketStep {
    /// As the scenario's lines say it.
    fileprivate func sentence(_ record: TicketRecord, _ catalog: Catalog) -> String {
        let ticket = "#\(record.ticket.value)"
        let group = catalog.groups.name(group.value)
        let by = agent.map { " by \(catalog.agents.name($0.value))" } ?? ""
        let words =
            switch kind {
            case .opened: "\(ticket) waits in \(group), priority \(record.priority), by rule \(record.rule)"
            case .widened: "\(ticket) is widened to \(group)"
            case .narrowed: "\(ticket) is no longer in \(group)"
            case .assigned: "\(ticket) is assigned to \(agent.map { catalog.agents.name($0.value) } ?? "nobody")"
            case .replied: "\(ticket) is answered\(by)"
            case .escalated: "\(ticket) is escalated to \(group)\(by)"
            case .sentDown: "\(ticket) is sent down to \(group)\(by)"
            case .transferred: "\(ticket) is transferred to \(group)\(by)"
            case .returned: "\(ticket) returns to \(group)\(by)"
            case .reopened: "\(ticket) is reopened in \(group)"
            case .started: "\(ticket) starts to wait in \(group)"
            case .released: "\(ticket) is released to \(group)"
            case .answered: "the cluster writes to #\(record.ticket.value)'s customer"
            case .alerted: "operators are told of \(ticket)"
            case .notified: "\(agent.map { catalog.agents.name($0.value) } ?? cause?.by ?? "") is told of \(ticket)"
            case .clock: "\(ticket)'s clock"
            case .customerWrote: "\(ticket)'s customer writes"
            case .callback: "\(ticket)'s customer will be called back"
            case .absorbed: "\(ticket) goes on for another one"
            case .lifeEnded: "\(ticket) is at the end of its life"
            case .expired: "\(ticket) is expired\(by)"
            default: "\(ticket) is \(kind)\(by)"
            }
        return words + (cause.map { $0.words } ?? "")
    }
}

extension Cause {
    /// What made it happen, who, and why, as far as it says.
    fileprivate var words: String {
        if trigger == .agent {
            let said = [by, note].filter { !$0.isEmpty }
            return said.isEmpty ? "" : ": \(said.joined(separator: ", "))"
        }
        return " [\(trigger)\(by.isEmpty ? "" : " \(by)")\(note.isEmpty ? "" : ": \(note)")]"
    }
}
