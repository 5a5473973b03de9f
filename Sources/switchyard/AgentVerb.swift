import AgentClient
import Dispatch
import Foundation
import Node

/// `switchyard agent`: an agent at a terminal. What comes is printed; what is typed is done.
enum AgentVerb {
    static let verb = Verb(
        name: "agent", summary: "An agent at a terminal: shows offers and takes commands (type help).",
        operands: "NAME",
        options: [
            Option(
                "at", "HOST:PORT", "a router; may be repeated, the nearest first", default: "127.0.0.1:7100",
                repeats: true),
            Option("auto", "DURATION", "accepts everything and resolves it after so long, as in 2s"),
        ],
        examples: ["switchyard agent pl-1-07 --at 10.0.1.5:7100"], run: run)

    static let help = """
        accept [N]            take the offered ticket (the newest, or ticket N)
        decline [N] [REASON] [retry 2m]   leave it to others, for the time given
        reply TEXT            answer the customer           note TEXT             for colleagues
        pause REASON          wait for somebody else        resume                go on
        escalate [2|3]        hand up                       down [1|2]            hand back down
        transfer GROUP        to another group              return                back to the queue
        resolve               done                          use N                 choose among your tickets
        status available | availableForOne | away [REASON] | draining
        ready                 end your time after a ticket
        list                  your tickets, and what you may take     take N          take it
        quit                  leave; your tickets wait for you for the cluster's grace
        """

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        guard arguments.operands.count == 1 else { throw UsageError("expected one agent's name") }
        var auto: UInt64?
        if let text = arguments.text("auto") {
            guard let milliseconds = Durations.milliseconds(text) else {
                throw UsageError("--auto: expected a duration such as 2s, found \"\(text)\"")
            }
            auto = milliseconds
        }
        let client = AgentClient(agents: arguments.operands, routers: arguments.all("at"), onStuck: Program.leaveStuck)
        let desk = Desk(client: client, agent: arguments.operands[0], auto: auto)
        let input = Task.detached { await desk.readCommands() }
        let signals = Signals([SIGINT, SIGTERM]) {
            client.stop()
            Node.Process.exit(ExitCode.success)
        }
        for await event in client.events { if let code = await desk.take(event) { return code } }
        input.cancel()
        signals.cancel()
        return ExitCode.success
    }
}

/// What lies on one agent's desk.
actor Desk {
    private let client: AgentClient
    private let agent: String
    private let auto: UInt64?
    private var offers: [AgentOffer] = []
    private var tickets: [AgentTicket] = []

    init(client: AgentClient, agent: String, auto: UInt64?) {
        self.client = client
        self.agent = agent
        self.auto = auto
    }

    /// Prints what came; an exit code ends the program.
    func take(_ event: AgentEvent) -> Int32? {
        switch event {
        case .attached: say("attached; you are available. `help` lists what you can type")
        case .refused(_, let error):
            Console.error("\(agent): \(error)")
            return ExitCode.failed
        case .offered(let offer):
            offers.append(offer)
            say(
                "OFFER ticket \(offer.ticket) [\(offer.group), priority \(offer.priority)] \(offer.subject)"
                    + " (\(offer.remainingMilliseconds / 1000) s to answer)")
            if auto != nil { Task { await self.acceptByItself(offer) } }
        case .offerEnded(let name):
            if offers.contains(where: { $0.name == name }) {
                offers.removeAll { $0.name == name }
            }
        case .assigned(let ticket, let content):
            tickets.append(ticket)
            say("YOURS  ticket \(ticket.number) [\(content.group)] \(content.subject)")
            if !content.text.isEmpty { say(content.text) }
            if let auto { Task { await self.resolveByItself(ticket, after: auto) } }
        case .pendingChanged(_, let ticket, let isPending):
            say("ticket \(ticket) is \(isPending ? "pending" : "in work")")
        case .released(let ticket):
            tickets.removeAll { $0 == ticket }
            say("ticket \(ticket.number) is off your desk")
        case .status(_, let status): say("you are \(status.rawValue)")
        case .superseded:
            say("a newer session of yours has taken over")
            return ExitCode.success
        case .connected(let router): say("connected to \(router)")
        case .disconnected(let router): say("lost \(router); looking for another router")
        case .uncertain: say("no answer for long: your tickets are perhaps no longer yours")
        }
        return nil
    }

    private func acceptByItself(_ offer: AgentOffer) async {
        do { _ = try await client.accept(offer) } catch { say("\(error)") }
    }

    private func resolveByItself(_ ticket: AgentTicket, after milliseconds: UInt64) async {
        do {
            try await Task.sleep(for: .milliseconds(Int(milliseconds)))
            try await client.resolve(ticket)
        } catch { say("\(error)") }
    }

    /// Reads lines until there are no more. At the end of input a scripted agent stays; a person types quit.
    nonisolated func readCommands() async {
        while let line = readLine() {
            if line.trimmingCharacters(in: .whitespaces) == "quit" {
                client.stop()
                Node.Process.exit(ExitCode.success)
            }
            await obey(line)
        }
        // Nobody can type any more; only an agent who works by himself stays.
        if auto == nil {
            client.stop()
            Node.Process.exit(ExitCode.success)
        }
    }

    private func obey(_ line: String) async {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let verb = words.first else { return }
        let rest = words.count > 1 ? words[1] : ""
        do {
            switch verb {
            case "help": say(AgentVerb.help)
            case "accept": if let offer = offer(rest) { _ = try await client.accept(offer) }
            case "decline": try await decline(rest)
            case "reply": if let ticket = current() { try await client.reply(ticket, rest) }
            case "note": if let ticket = current() { try await client.note(ticket, rest) }
            case "pause": if let ticket = current() { try await client.pause(ticket, reason: rest) }
            case "resume": if let ticket = current() { try await client.resume(ticket) }
            case "escalate": if let ticket = current() { try await client.escalate(ticket, toTier: Int(rest)) }
            case "down": if let ticket = current() { try await client.sendDown(ticket, toTier: Int(rest)) }
            case "transfer": if let ticket = current() { try await client.transfer(ticket, toGroup: rest) }
            case "return": if let ticket = current() { try await client.giveBack(ticket) }
            case "resolve": if let ticket = current() { try await client.resolve(ticket) }
            case "use": use(rest)
            case "list": try await list()
            case "take": try await take(rest)
            case "status":
                let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
                guard let status = parts.first.flatMap({ AgentStatus(rawValue: $0) }) else {
                    return say("available, availableForOne, away REASON or draining")
                }
                try await client.setStatus(status, reason: parts.count > 1 ? parts[1] : "", for: agent)
            case "ready": try await client.endWrapUp(for: agent)
            default: say("\"\(verb)\" is nothing to do; `help` lists what is")
            }
        } catch { say("not done: \(error)") }
    }

    /// N, a reason and "retry 2m", all of which may be left out.
    private func decline(_ text: String) async throws {
        var words = text.split(separator: " ").map(String.init)
        var number = ""
        if let first = words.first, UInt64(first) != nil { number = words.removeFirst() }
        var retryAfter: UInt64?
        if words.count >= 2, words[words.count - 2] == "retry" {
            retryAfter = Durations.milliseconds(words[words.count - 1])
            if retryAfter == nil { return say("expected a duration such as 2m, found \"\(words[words.count - 1])\"") }
            words.removeLast(2)
        }
        guard let offer = offer(number) else { return }
        try await client.decline(offer, reason: words.joined(separator: " "), retryAfterMilliseconds: retryAfter)
    }

    private func list() async throws {
        for ticket in tickets { say("ticket \(ticket.number) is yours") }
        let (choices, isWhole) = try await client.choices(for: agent)
        for choice in choices {
            say(
                "ticket \(choice.ticket) [\(choice.group), priority \(choice.priority)] waits to be taken since "
                    + "\(choice.ageMilliseconds / 1000) s: \(choice.subject)")
        }
        if !isWhole { say("(there may be more: a router did not answer)") }
    }

    private func take(_ number: String) async throws {
        let (choices, _) = try await client.choices(for: agent)
        guard let choice = choices.first(where: { String($0.ticket) == number }) else {
            return say("there is no such ticket for you to take")
        }
        _ = try await client.take(choice)
    }

    private func offer(_ number: String) -> AgentOffer? {
        let offer = number.isEmpty ? offers.last : offers.last { String($0.ticket) == number }
        if offer == nil { say("there is no such offer") }
        return offer
    }

    /// The ticket that commands go to: the last one got or chosen.
    private func current() -> AgentTicket? {
        if tickets.isEmpty { say("you have no ticket") }
        return tickets.last
    }

    private func use(_ number: String) {
        guard let place = tickets.firstIndex(where: { String($0.number) == number }) else {
            return say("you do not have ticket \(number)")
        }
        tickets.append(tickets.remove(at: place))
    }

    private func say(_ text: String) { Console.put("\(text)\n") }
}
