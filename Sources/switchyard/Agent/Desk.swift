import AgentClient
import Foundation
import Node
import Routing
import Wire

/// What lies on one agent's desk: prints what comes, does what is typed.
actor Desk {
    private let client: AgentClient
    private let agent: String
    private let routers: [String]
    private let auto: UInt64?
    private var offers: [AgentOffer] = []
    private var tickets: [AgentTicket] = []
    /// Tickets that he lets go himself: their leaving is no news.
    private var lettingGo: Set<UInt64> = []
    /// Tickets that he pauses or takes up again himself.
    private var turning: Set<UInt64> = []
    /// Tickets that were his before; the latest hundred.
    private var former: [UInt64] = []
    private var asker: TicketClient?

    init(client: AgentClient, agent: String, routers: [String], auto: UInt64?) {
        self.client = client
        self.agent = agent
        self.routers = routers
        self.auto = auto
    }

    // MARK: - what comes

    /// Prints what came; an exit code ends the program.
    func take(_ event: AgentEvent) -> Int32? {
        switch event {
        case .attached: say("attached; you are available. `help` lists what you can type")
        case .refused(_, let error):
            Console.error("\(agent): \(error)")
            return ExitCode.failed
        case .offered(let offer): show(offer)
        case .offerEnded(let name):
            // Accepted and declined ones have left the desk before.
            if offers.contains(where: { $0.name == name }) { say("the offer of ticket \(name.ticket) is over") }
            offers.removeAll { $0.name == name }
        case .assigned(let ticket, let content):
            tickets.append(ticket)
            say("YOURS  ticket \(ticket.number) [\(content.group)] \(content.subject.inOneLine)")
            if !content.text.isEmpty { say(content.text) }
            if content.hasMore { say("(the customer wrote more since; `show` says what)") }
            if let auto { Task { await self.resolveByItself(ticket, after: auto) } }
        case .pendingChanged(_, let ticket, let isPending):
            say("ticket \(ticket) is \(isPending ? "pending" : "in work")")
            if turning.remove(ticket) == nil && !isPending { tell(of: ticket) { Self.wentOn($0) } }
        case .customerWrote(_, let ticket):
            tell(of: ticket) { shown in
                shown.steps.last { $0.what == "customerWrote" }.map {
                    "CUSTOMER, ticket \(ticket): \(($0.note ?? "").inOneLine)"
                }
            }
        case .released(let ticket): release(ticket)
        case .status(_, let status): say("you are \(status.rawValue)")
        case .superseded:
            say("your session here is over: a newer one has taken over")
            return ExitCode.success
        case .dismissed:
            say("your session is over: the company's cluster file does not have you any more")
            return ExitCode.success
        case .connected(let router): say("connected to \(router)")
        case .disconnected(let router): say("lost \(router); looking for another router")
        case .uncertain: say("no answer for long: your tickets are perhaps no longer yours")
        }
        return nil
    }

    private func show(_ offer: AgentOffer) {
        offers.append(offer)
        let before = former.contains(offer.ticket) ? "; it was yours before, `show \(offer.ticket)` says more" : ""
        say(
            "OFFER ticket \(offer.ticket) [\(offer.group), priority \(offer.priority)] \(offer.subject.inOneLine)"
                + " (\((offer.remainingMilliseconds + 999) / 1000) s to answer\(before))")
        if auto != nil { Task { await self.acceptByItself(offer) } }
    }

    private func release(_ ticket: AgentTicket) {
        tickets.removeAll { $0 == ticket }
        former.removeAll { $0 == ticket.number }
        if former.count == 100 { former.removeFirst() }
        former.append(ticket.number)
        say("ticket \(ticket.number) is off your desk")
        guard lettingGo.remove(ticket.number) == nil else { return }
        tell(of: ticket.number) { shown in
            shown.steps.last.map { "ticket \(ticket.number) was taken from you: \(ShownTicket.words($0))" }
        }
    }

    private func acceptByItself(_ offer: AgentOffer) async {
        do { try await settle(offer) { _ = try await self.client.accept(offer) } } catch { say("\(error)") }
    }

    private func resolveByItself(_ ticket: AgentTicket, after milliseconds: UInt64) async {
        do {
            try await Task.sleep(for: .milliseconds(Int(milliseconds)))
            try await letGo(ticket) { try await self.client.resolve(ticket) }
        } catch { say("\(error)") }
    }

    // MARK: - what happened to a ticket, from the ledger

    private func tell(of ticket: UInt64, _ words: @escaping @Sendable (ShownTicket) -> String?) {
        Task {
            if let shown = await self.ask(ticket), let words = words(shown) { self.say(words) }
        }
    }

    /// The clock's hand; what the customer wrote is news of its own.
    private static func wentOn(_ shown: ShownTicket) -> String? {
        shown.steps.last { $0.what == "resumed" && $0.trigger == "time" }.map { _ in
            "ticket \(shown.ticket) goes on: the time of its pause is over"
        }
    }

    private func ask(_ ticket: UInt64) async -> ShownTicket? {
        for router in routers {
            if asker == nil { asker = try? TicketClient(node: router) }
            let question = Request.query(.show(TicketID(ticket)))
            if let reply = try? await asker?.ask(question, patience: .seconds(3)),
                case .answered(.shown(let record), let catalog) = reply
            {
                return ShownTicket(record, catalog)
            }
            asker?.close()
            asker = nil
        }
        return nil
    }

    // MARK: - what is typed

    /// Reads lines until there are no more. At the end of input a scripted agent stays; a person types quit.
    nonisolated func readCommands() async {
        while let line = readLine() {
            do throws(DeskCommand.Mistake) {
                guard let command = try DeskCommand.read(line) else { continue }
                if command == .quit { leave() }
                await obey(command)
            } catch { await say(error.what) }
        }
        // Nobody can type any more; only an agent who works by himself stays.
        if auto == nil { leave() }
    }

    private nonisolated func leave() -> Never {
        client.stop()
        Node.Process.exit(ExitCode.success)
    }

    private func obey(_ command: DeskCommand) async {
        do {
            switch command {
            case .help: say(DeskCommand.teaching)
            case .accept(let number):
                guard let offer = offer(number) else { return }
                try await settle(offer) { _ = try await self.client.accept(offer) }
            case .decline(let number, let reason, let retryAfter):
                guard let offer = offer(number) else { return }
                try await settle(offer) {
                    try await self.client.decline(offer, reason: reason, retryAfterMilliseconds: retryAfter)
                }
            case .use(let number): use(number)
            case .show(let number): await show(number)
            case .list: try await list()
            case .take(let number): try await take(number)
            case .status(let status, let reason): try await client.setStatus(status, reason: reason, for: agent)
            case .ready: try await client.endWrapUp(for: agent)
            case .quit: break
            default: if let ticket = current() { try await work(command, on: ticket) }
            }
        } catch { say("not done: \(error)") }
    }

    private func work(_ command: DeskCommand, on ticket: AgentTicket) async throws {
        switch command {
        case .reply(let text): try await client.reply(ticket, text)
        case .note(let text): try await client.note(ticket, text)
        case .pause(let kind, let time, let reason):
            try await turn(ticket) {
                try await self.client.pause(ticket, reason: reason, kind: kind, milliseconds: time)
            }
        case .resume: try await turn(ticket) { try await self.client.resume(ticket) }
        case .escalate(let tier, let reason):
            try await letGo(ticket) { try await self.client.escalate(ticket, toTier: tier, reason: reason) }
        case .down(let tier, let reason):
            try await letGo(ticket) { try await self.client.sendDown(ticket, toTier: tier, reason: reason) }
        case .transfer(let group, let reason):
            try await letGo(ticket) { try await self.client.transfer(ticket, toGroup: group, reason: reason) }
        case .handOver(let colleague, let reason):
            try await letGo(ticket) { try await self.client.handOver(ticket, to: colleague, reason: reason) }
        case .handOut(let party, let reason):
            try await letGo(ticket) { try await self.client.handOut(ticket, to: party, reason: reason) }
        case .putOff(let time, let reason):
            try await letGo(ticket) { try await self.client.putOff(ticket, milliseconds: time, reason: reason) }
        case .giveBack(let reason):
            try await letGo(ticket) { try await self.client.giveBack(ticket, reason: reason) }
        case .resolve: try await letGo(ticket) { try await self.client.resolve(ticket) }
        default: break
        }
    }

    /// The offer leaves the desk, and comes back if it was a word that was wrong.
    private func settle(_ offer: AgentOffer, _ command: () async throws -> Void) async throws {
        offers.removeAll { $0.name == offer.name }
        do { try await command() } catch {
            if (error as? AgentError)?.code == "invalid" { offers.append(offer) }
            throw error
        }
    }

    private func letGo(_ ticket: AgentTicket, _ command: () async throws -> Void) async throws {
        lettingGo.insert(ticket.number)
        do { try await command() } catch {
            lettingGo.remove(ticket.number)
            throw error
        }
    }

    private func turn(_ ticket: AgentTicket, _ command: () async throws -> Void) async throws {
        turning.insert(ticket.number)
        do { try await command() } catch {
            turning.remove(ticket.number)
            throw error
        }
    }

    // MARK: - looking around

    private func show(_ number: String) async {
        guard let ticket = number.isEmpty ? current()?.number : UInt64(number) else {
            if !number.isEmpty { say("expected a ticket's number, found \"\(number)\"") }
            return
        }
        guard let shown = await ask(ticket) else { return say("nothing is known of ticket \(ticket) now") }
        say(shown.textual + (shown.text.isEmpty ? "" : "\n" + shown.text))
    }

    private func list() async throws {
        for ticket in tickets { say("ticket \(ticket.number) is yours") }
        let (choices, isWhole) = try await client.choices(for: agent)
        for choice in choices {
            say(
                "ticket \(choice.ticket) [\(choice.group), priority \(choice.priority)] waits to be taken since "
                    + "\(choice.ageMilliseconds / 1000) s: \(choice.subject.inOneLine)")
        }
        if tickets.isEmpty && choices.isEmpty { say("you have no ticket, and there is none for you to take") }
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

    private func say(_ text: String) { Console.put("\(text.printable)\n") }
}
