import AgentClient
import Routing
import Wire

/// What happens to an agent's program but answers.
enum ProgramHappening {
    /// Its session wants to be looked at.
    case wake
    /// He has made up his mind. Kept aside, so that the queue's events are small.
    indirect case acts(AgentAction)
    /// Whatever came of it, what he still holds he resolves.
    case finishes(TicketID)
    /// He looks what there is to take.
    case browses
    /// The person starts the program, or starts it again.
    case starts
    /// He ends his day.
    case leaves
}

/// An agent's program: the real client core, and somebody in front of it who decides by chance. An agent may have two.
struct Program {
    let device: Device
    let place: Int
    var session: AgentSession?
    /// Rises with each start; what was meant for a former life is nothing.
    var life = 0
    var instance = ClientInstance(0)
    var random: SplitMix64
    /// Draws what he takes of what he may choose.
    var choosing: SplitMix64
    /// How often he was shown nothing, one time after the other; at most 4.
    var emptyLooks: UInt64 = 0
    /// The router it tries first.
    let router: Int
    /// Whether the person works; a program that has ended is started again only then.
    var isOnDuty = true
    var tagLast: UInt64 = 0
    /// Commands whose results have not come.
    var commands: [UInt64: AgentAction] = [:]
    /// What the client says that he holds.
    var held: [TicketID: Fence] = [:]
    var armed = UInt64.max
    /// When its session wants to be stepped, after the last step. Kept here, as asking the session copies all of it.
    private(set) var deadline: Instant?
    var isTouched = false

    mutating func step(_ event: AgentSession.Event, at now: Now, into effects: inout [AgentSession.Effect]) {
        session?.step(event, at: now, into: &effects)
        deadline = session?.nextDeadline
    }
}

extension World {
    /// A program's endpoint in `Links`.
    func endpoint(ofProgram place: Int) -> Int { seats.count + place }

    func happen(_ what: ProgramHappening, to place: Int, life: Int) {
        if case .starts = what {
            // After the heal everybody is at one desk.
            if programs[place].session == nil && !(isHealed && programs[place].device.place > 0) { startProgram(place) }
            return
        }
        guard programs[place].life == life, programs[place].session != nil else { return }
        switch what {
        case .starts: break
        case .wake:
            programs[place].armed = .max
            touch(place)
        case .acts(let action): command(place, action)
        case .finishes(let ticket):
            guard let fence = programs[place].held[ticket] else { return }
            command(place, .work(ticket, fence, .resolve))
            later(place, .finishes(ticket), in: programs[place].random.between(3_000, 8_000))
        case .browses: browse(place)
        case .leaves:
            programs[place].isOnDuty = false
            step(place, .stop)
            endProgram(place)
        }
    }

    func later(_ place: Int, _ what: ProgramHappening, in delay: UInt64) {
        queue.add(.program(place, life: programs[place].life, what), at: time + delay)
    }

    /// Starts it with an instance of its own; the first router that it tries is the one of its place.
    func startProgram(_ place: Int) {
        programs[place].life += 1
        programs[place].isOnDuty = true
        let instance = ClientInstance(programs[place].random.next() | 1)
        programs[place].instance = instance
        programs[place].commands = [:]
        programs[place].held = [:]
        programs[place].armed = .max
        let first = programs[place].router
        let order = (0..<options.routers).map { routerAddress((first + $0) % options.routers) }
        programs[place].session = AgentSession(
            instance: instance, agents: [programs[place].device.agent], routers: order, grace: policyGrace,
            park: Timing().sessionPark, at: clientNow)
        tell(.programStarted(programs[place].device, instance))
        touch(place)
        if company.options.choosing > 0 { browseLater(place) }
    }

    /// Its process is gone without a word; `isPowerLost` if nobody is told.
    func endProgram(_ place: Int, isPowerLost: Bool = false) {
        guard programs[place].session != nil else { return }
        programs[place].session = nil
        programs[place].life += 1
        disconnectAll(of: endpoint(ofProgram: place), isPowerLost: isPowerLost)
        tell(.programEnded(programs[place].device))
    }

    private func touch(_ place: Int) {
        guard !programs[place].isTouched else { return }
        programs[place].isTouched = true
        touched.append(place)
    }

    /// The end of a turn for every program to which something has happened.
    func endProgramTurns() {
        var index = 0
        // What a program's agent does at once may touch others.
        while index < touched.count {
            let place = touched[index]
            index += 1
            programs[place].isTouched = false
            guard programs[place].session != nil else { continue }
            step(place, .turnEnds)
            armProgram(place)
        }
        touched.removeAll(keepingCapacity: true)
    }

    private func armProgram(_ place: Int) {
        guard let next = programs[place].deadline else { return }
        let due = max(next.milliseconds, time + 1)
        guard due < programs[place].armed else { return }
        programs[place].armed = due
        later(place, .wake, in: due - time)
    }

    // MARK: - the core and what it wants

    func answer(program place: Int, life: Int, _ tag: UInt64, _ bytes: [UInt8]?) {
        guard programs[place].life == life, programs[place].session != nil else { return }
        guard let bytes else { return step(place, .failed(tag)) }
        do throws(WireError) {
            step(place, .answered(tag, try Frame.decode(Reply.self, bytes)))
        } catch {
            note("a client did not understand an answer: \(error)")
            step(place, .failed(tag))
        }
    }

    func command(_ place: Int, _ action: AgentAction) {
        programs[place].tagLast += 1
        let tag = programs[place].tagLast
        programs[place].commands[tag] = action
        tell(.commanded(programs[place].device, action, tag: tag))
        step(place, .command(agent: programs[place].device.agent, action, tag: tag))
    }

    func step(_ place: Int, _ event: AgentSession.Event) {
        var effects: [AgentSession.Effect] = []
        swap(&effects, &wishes)
        programs[place].step(event, at: clientNow, into: &effects)
        if case .turnEnds = event {} else { touch(place) }
        for effect in effects {
            switch effect {
            case .ask(let router, let request, let call, let patience):
                ask(
                    from: endpoint(ofProgram: place), life: programs[place].life, router, call, fromClient(request),
                    patience)
            case .leave(let router): disconnect(endpoint(ofProgram: place), from: router)
            case .news(let news):
                tell(.news(programs[place].device, news))
                hear(news, place)
            case .result(let tag, let result):
                guard let action = programs[place].commands.removeValue(forKey: tag) else { continue }
                tell(.commandAnswered(programs[place].device, action, result, tag: tag))
            case .browsed(_, let browsed, _): if let browsed { take(browsed, place) }
            }
        }
        if !effects.isEmpty { effects.removeAll(keepingCapacity: true) }
        swap(&effects, &wishes)
    }

    // MARK: - the person

    private func hear(_ news: AgentSession.News, _ place: Int) {
        switch news {
        case .offered(_, let offer): consider(offer, place)
        case .assigned(_, let work):
            programs[place].held[work.ticket] = work.fence
            plan(work, place)
        case .released(_, let ticket, let fence):
            if programs[place].held[ticket] == fence { programs[place].held[ticket] = nil }
        case .status(_, let status):
            guard !status.takesOffers else { return }
            let pause = programs[place].random.between(500, 4_000)
            later(place, .acts(.setStatus(.available, reason: "")), in: pause)
        case .superseded:
            endProgram(place)
            // He is at his other device now; sometimes he comes back to this one.
            let pause = programs[place].random.between(2_000, 9_000)
            if isHealed || programs[place].random.chance(1, of: 2) { later(place, .starts, in: pause) }
        case .refused, .dismissed:
            endProgram(place)
            // Not in the policy just now.
            if programs[place].isOnDuty { later(place, .starts, in: programs[place].random.between(2_000, 9_000)) }
        case .attached, .offerEnded, .pendingChanged, .customerWrote, .connected, .disconnected, .uncertain: break
        }
    }

    private func consider(_ offer: OfferView, _ place: Int) {
        // After the heal people hurry: what is looked for then is what the cluster keeps back.
        let pause = programs[place].random.between(20, isHealed ? 200 : 2_500)
        switch isHealed ? 9 : programs[place].random.below(10) {
        case 0:
            let retryAfter =
                programs[place].random.chance(1, of: 2)
                ? Interval(milliseconds: programs[place].random.between(0, 3_000)) : nil
            let reason = programs[place].random.pick(["", "busy"])
            later(place, .acts(.decline(offer.id, reason: reason, retryAfter: retryAfter)), in: pause)
        case 1: break  // He looks the other way until it expires.
        default: later(place, .acts(.accept(offer.id)), in: pause)
        }
    }

    private func plan(_ work: WorkView, _ place: Int) {
        var ways: [[WorkAction]] = [
            [.resolve], [.reply(text: "yes"), .resolve], [.escalate(to: nil)], [.sendDown(to: nil)], [.giveBack()],
            [.transfer(to: programs[place].random.pick(SimulatedCompany.groups))],
            [.pause(reason: "customer"), .resume, .resolve], [.note(text: "n"), .resolve], [.resolve], [.resolve],
        ]
        if isHealed {
            ways = [[.resolve]]
        } else if options.isLively {
            ways += livelyWays(place)
        }
        var due: UInt64 = 0
        for step in programs[place].random.pick(ways) {
            due += programs[place].random.between(100, isHealed ? 500 : 2_500)
            later(place, .acts(.work(work.ticket, work.fence, step)), in: due)
        }
        later(place, .finishes(work.ticket), in: due + 6_000)
    }

    private func livelyWays(_ place: Int) -> [[WorkAction]] {
        let delay = Interval(milliseconds: programs[place].random.between(0, 8_000))
        let tier = programs[place].random.pick([nil, Tier.agents, .engineers, .vendors])
        let colleague = programs[programs[place].random.below(programs.count)].device.agent
        return [
            [.handOver(to: colleague, reason: "r")], [.handOut(to: "the maker")],
            [.putOff(for: delay, reason: "later")], [.pause(reason: "part", kind: .hold, for: delay)],
            [.pause(reason: "p", for: delay), .reply(text: "still there?")], [.escalate(to: tier, reason: "e")],
            [.sendDown(to: tier)], [.pause(reason: "p"), .pause(reason: "again"), .resume, .resume, .giveBack()],
        ]
    }
}
