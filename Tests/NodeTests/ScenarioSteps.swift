import Node
import Routing
import Wire

@testable import switchyard

/// Everything a scenario's step can say. One more is one more line of the table.
extension Scenario {
    typealias Verb = @Sendable (Scenario, [String]) throws -> Void

    static let verbs: [String: Verb] = [
        // wait 30s
        "wait": { scenario, words in scenario.run(until: scenario.now + (try duration(words.first))) },
        // attach ana ben [at ROUTER]: without a router each at his first group's region
        "attach": { scenario, words in try scenario.attach(words) },
        // leave ana: his program ends
        "leave": { scenario, words in
            for name in words { try scenario.player(name).leave(scenario.cluster) }
        },
        // hang ana: his program stops reading and keeps its connection
        "hang": { scenario, words in for name in words { try scenario.player(name).end() } },
        // set ana draining; set ana away lunch
        "set": { scenario, words in try scenario.set(words) },
        // submit [COUNT] segment=vip subject="a text" ... [at ROUTER]
        "submit": { scenario, words in try scenario.submit(words) },
        // works ana 10s: accepts whatever is offered and resolves it 10 s later; works ana never: no more
        "works": { scenario, words in try scenario.works(words) },
        // accept ana [TICKET], decline ana [TICKET [REASON [DURATION]]]: without a ticket his oldest offer
        "accept": { scenario, words in try scenario.answer(words) { .accept($0) } },
        "decline": { scenario, words in
            let retryAfter = words.count > 3 ? Interval(milliseconds: try duration(words[3])) : nil
            try scenario.answer(words) {
                .decline($0, reason: words.count > 2 ? words[2] : "", retryAfter: retryAfter)
            }
        },
        // reply ana [TICKET], and so on: without a ticket his oldest
        "reply": { scenario, words in try scenario.work(words) { _ in .reply(text: "a reply") } },
        "note": { scenario, words in try scenario.work(words) { _ in .note(text: "a note") } },
        "pause": { scenario, words in try scenario.work(words) { .pause(reason: $0 ?? "customer") } },
        "resume": { scenario, words in try scenario.work(words) { _ in .resume } },
        "return": { scenario, words in try scenario.work(words) { _ in .giveBack() } },
        "resolve": { scenario, words in try scenario.work(words) { _ in .resolve } },
        // escalate ana TICKET [TIER], down ana TICKET [TIER], transfer ana TICKET GROUP
        "escalate": { scenario, words in try scenario.work(words) { .escalate(to: try tier($0)) } },
        "down": { scenario, words in try scenario.work(words) { .sendDown(to: try tier($0)) } },
        "transfer": { scenario, words in try scenario.work(words) { .transfer(to: try required($0, "a group")) } },
        // ready ana: ends his wrap-up
        "ready": { scenario, words in
            for name in words { try scenario.player(name).say(.endWrapUp, scenario) }
        },
        // explain ticket 1, explain deadline 1, explain agent ana, show 1, status: what the program prints
        "explain": { scenario, words in try scenario.explain(words) },
        "show": { scenario, words in try scenario.show(words) },
        "status": { scenario, _ in scenario.status() },
        // start ROUTER REGION, kill ROUTER
        "start": { scenario, words in
            scenario.cluster.startRouter(
                try required(words.first, "a router"), region: try required(words.dropFirst().first, "a region"))
        },
        "kill": { scenario, words in scenario.cluster.kill(try required(words.first, "a router")) },
        // restart [10m] the coordinator, from what its disk has, after so much time without one
        "restart": { scenario, words in
            scenario.cluster.kill(SteppedCluster.coordinator)
            if let word = words.first { scenario.run(until: scenario.now + (try duration(word))) }
            try scenario.cluster.startCoordinator(on: scenario.cluster.disk.afterCrash())
        },
    ]

    // MARK: - words

    static func required(_ word: String?, _ what: String) throws -> String {
        guard let word else { throw Misuse("expected \(what)") }
        return word
    }

    static func duration(_ word: String?) throws -> UInt64 {
        let word = try required(word, "a duration")
        guard let milliseconds = Configuration.duration(word) else {
            throw Misuse("expected a duration such as 30s, found \"\(word)\"")
        }
        return milliseconds
    }

    static func tier(_ word: String?) throws -> Tier? {
        guard let word else { return nil }
        guard let tier = UInt8(word).flatMap(Tier.init(rawValue:)) else { throw Misuse("\"\(word)\" is no tier") }
        return tier
    }

    /// Takes `at ROUTER` off the end.
    private static func place(_ words: [String]) throws -> (words: [String], router: String?) {
        guard let at = words.lastIndex(of: "at") else { return (words, nil) }
        return (Array(words[..<at]), try required(words.dropFirst(at + 1).first, "a router"))
    }

    // MARK: - agents

    private func attach(_ words: [String]) throws {
        let (names, router) = try Self.place(words)
        for name in names {
            let group = company.agents.first { $0.name == name }?.groups.first
            let home = company.groups.first { $0.name == group }?.region
            try attach(name, at: router ?? home ?? company.regions[0])
        }
    }

    private func set(_ words: [String]) throws {
        let player = try player(try Self.required(words.first, "an agent"))
        let statuses: [String: Status] = [
            "available": .available, "availableForOne": .availableForOne, "away": .away, "draining": .draining,
        ]
        let word = try Self.required(words.dropFirst().first, "a status")
        guard let status = statuses[word] else { throw Misuse("\"\(word)\" is none of \(statuses.keys.sorted())") }
        player.say(.setStatus(status, reason: words.count > 2 ? words[2] : ""), self)
    }

    private func works(_ words: [String]) throws {
        guard words.count > 1, let last = words.last else { throw Misuse("expected agents and a duration") }
        let milliseconds = last == "never" ? nil : try Self.duration(last)
        for name in words.dropLast() { try player(name).worksFor = milliseconds }
    }

    private func answer(_ words: [String], _ action: (OfferID) -> AgentAction) throws {
        let player = try player(try Self.required(words.first, "an agent"))
        player.say(action(try player.offer(of: words.dropFirst().first)), self)
    }

    func work(_ words: [String], _ action: (String?) throws -> WorkAction) throws {
        let player = try player(try Self.required(words.first, "an agent"))
        let work = try player.work(on: words.dropFirst().first)
        player.say(.work(work.ticket, work.fence, try action(words.count > 2 ? words[2] : nil)), self)
    }

    // MARK: - tickets

    private func submit(_ words: [String]) throws {
        var (fields, router) = try Self.place(words)
        let count = fields.first.flatMap { Int($0) } ?? 1
        if Int(fields.first ?? "") != nil { fields.removeFirst() }
        var submission = Submission(region: company.regions[0], subject: "a ticket")
        var delay = Interval.zero
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Misuse("expected FIELD=VALUE, found \"\(field)\"") }
            if parts[0] == "in" {
                delay = Interval(milliseconds: try Self.duration(parts[1]))
                continue
            }
            try Self.put(parts[1], in: parts[0], of: &submission)
        }
        let tickets = (0..<count).map { _ in
            submitted += 1
            return KeyedSubmission(key: SubmitKey(high: 7, low: submitted), submission: submission, delay: delay)
        }
        let home = company.regions.first { $0 == submission.region }
        guard case .submitted(let results)? = ask(router ?? home ?? company.regions[0], .submit(tickets)) else {
            return write("the submitter is not answered")
        }
        for result in results {
            switch result {
            case .accepted(let ticket): follow(ticket)
            case .refused(let refusal, let field):
                write("the submitter is told: \(refusal)" + (field.isEmpty ? "" : ", \(field)"))
            }
        }
    }

    private static func put(_ value: String, in field: String, of submission: inout Submission) throws {
        switch field {
        case "customer": submission.customer = value
        case "channel": submission.channel = value
        case "segment": submission.segment = value
        case "language": submission.language = value
        case "region": submission.region = value
        case "product": submission.product = value
        case "label": submission.labels.append(value)
        case "subject": submission.subject = value
        case "text": submission.text = value
        default: throw Misuse("a ticket has no \"\(field)\"")
        }
    }

    // MARK: - what an operator reads

    /// As `switchyard explain` prints it.
    private func explain(_ words: [String]) throws {
        let what = try Self.required(words.dropFirst().first, "a ticket's number or an agent's name")
        let request: Request =
            switch words[0] {
            case "ticket": .explainTicket(TicketID(try Self.number(what)))
            case "deadline": .query(.show(TicketID(try Self.number(what))))
            default: .explainAgent(what)
            }
        switch ask(company.regions[0], request) {
        case .explained(.ticket(let explanation), let catalog)?:
            quote("ticket \(what) \(ShownExplanation(explanation, catalog).text)")
        case .explained(.agent(let explanation), let catalog)?:
            quote("agent \(what) \(ShownAgentExplanation(explanation, catalog, now: cluster.town.now.wall).text)")
        case .answered(.shown(let record), let catalog)? where words[0] == "deadline":
            guard let clocks = record.clocks else { return write("no clocks are kept of \(what)") }
            quote(ShownPromises(clocks, record, catalog).explanation(of: record.ticket))
        case .answered(.shown(let record), let catalog)?:
            quote("It does not wait: \(ShownTicket(record, catalog).summary)")
        case .answered(.refused(let refusal), _)?, .refused(let refusal)?: write("refused: \(refusal)")
        default: write("not answered")
        }
    }

    static func number(_ word: String?) throws -> UInt64 {
        guard let number = word.flatMap({ UInt64($0) }) else { throw Misuse("expected a ticket's number") }
        return number
    }

    private func show(_ words: [String]) throws {
        let ticket = TicketID(try Self.number(words.first))
        guard case .answered(.shown(let record), let catalog)? = ask(company.regions[0], .query(.show(ticket))) else {
            return write("there is no ticket \(ticket.value)")
        }
        quote(ShownTicket(record, catalog).summary)
        quote(ShownTicket(record, catalog).about)
        for line in ShownTicket(record, catalog).standing { quote("  \(line)") }
        // Where its time went goes with the promise that it is counted for.
        guard let promises = ShownTicket(record, catalog).promises, promises.policy != nil else { return }
        for line in promises.lines { quote(line) }
    }

    private func status() {
        guard case .answered(.status(let status), let catalog)? = ask(company.regions[0], .query(.status)) else {
            return write("not answered")
        }
        // The first line has the journal's place, which says nothing here.
        quote(ShownStatus(status, catalog).text.split(separator: "\n").dropFirst().joined(separator: "\n"))
    }
}
