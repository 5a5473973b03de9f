import AgentClient
import Journal
import Node
package import Routing

/// A cluster in one value of one thread: the production nodes and the clients' core, on a network, disk and clocks that
/// are made from a seed. Time jumps from event to event; the seed is the whole world.
package final class World: Cores {
    package let options: Options
    package let faults: [Fault]
    /// Mistakes that the nodes make, so that a checker can show that it sees them.
    let flaws: Flaws
    let company: SimulatedCompany
    /// Virtual milliseconds.
    private(set) var time: UInt64 = 1_000
    var queue = EventQueue()
    var links: Links
    var calls = Calls()
    var network: SplitMix64
    /// Draws what customers and supervisors do.
    var people: SplitMix64
    /// Draws who wants to know what.
    var curious: SplitMix64

    /// The coordinator, then the routers.
    var seats: [Seat] = []
    /// Those that are up, in order of seats.
    var liveRouters: [RouterNode] = []
    /// Of `seats`, those to which something has come in this millisecond: a bit each.
    var mail: UInt64 = 0
    /// What a node has said in its turn, until it has left; kept, as each turn needs one.
    var letters: [PostBox.Letter] = []
    var disk = SimulatedDisk()
    let marker = SimulatedMarker()
    var diskRandom: SplitMix64
    /// Draws which bits decay.
    var decay: SplitMix64
    var variant = 0

    var programs: [Program] = []
    var touched: [Int] = []
    /// What a client core wants, until it is done; kept, as each step needs one.
    var wishes: [AgentSession.Effect] = []
    var submissions: [PlayedSubmission] = []
    var managed: [PlayedManage?] = []
    var acknowledged = 0
    var managesAnswered = 0

    package var checkers: [any Checker]
    /// Of these, who see what people do.
    private let peopleWatchers: [Int]
    /// What the records said so far.
    let books = Books()
    /// Of how many steps of the world one is looked at by the checkers.
    package var looksEvery: Int
    /// Of how many turns of nodes one is followed by a look at all that must hold inside of a router.
    package var invariantsEvery: UInt64
    var turns: UInt64 = 0
    var isHealed = false
    package private(set) var steps: UInt64 = 0
    package internal(set) var effort = Effort()
    package var digest = Digest()
    package var trace: WorldTrace?
    private var mistakes: [String] = []
    /// By checker: complaints that the trace has.
    private var told: [Int]

    /// `faults` are played in place of the options' own schedule.
    package init(
        _ options: Options, faults: [Fault]? = nil, flaws: Flaws = .none, checkers: [any Checker],
        trace: WorldTrace? = nil
    ) throws {
        self.options = options
        self.flaws = flaws
        self.faults = faults ?? options.schedule()
        self.checkers = checkers
        told = checkers.map { _ in 0 }
        peopleWatchers = checkers.indices.filter { checkers[$0].seesPeople }
        self.trace = trace
        looksEvery = options.looksEvery
        invariantsEvery = options.looksEvery == 1 ? 1 : UInt64(4 * options.looksEvery)
        var companyOptions = options.company
        companyOptions.agents = options.agents
        company = SimulatedCompany(companyOptions)
        links = Links(nodes: 1 + options.routers)
        var random = SplitMix64(seed: options.seed)
        network = random.branch()
        people = random.branch()
        decay = SplitMix64(seed: options.seed ^ 0xdeca_4ed)
        curious = SplitMix64(seed: options.seed ^ 0xc0_7105)
        diskRandom = random.branch()
        var clocks = random.branch()
        var workload = random.branch()
        for place in 0...options.routers {
            var seat = Seat(name: place == 0 ? "coordinator" : "r\(place - 1)")
            seat.clock.origin = clocks.between(0, 1 << 40)
            if options.driftMax > 0 { seat.clock.drift = clocks.whole(-options.driftMax, options.driftMax) }
            if options.skewMax > 0 { seat.clock.skew = clocks.whole(-Int(options.skewMax), Int(options.skewMax)) }
            seats.append(seat)
        }
        hire(&workload)
        plan(&workload)
        planQuestions()
        queue.begin()
    }

    package var now: Now { clientNow }
    package func now(at router: String) -> Now {
        (seats.indices.first { seats[$0].name == router }.map { seats[$0].clock } ?? SimulatedClock()).now(time)
    }

    // MARK: - the clock

    /// Lets that many virtual milliseconds pass.
    package func run(for milliseconds: UInt64) {
        let end = time + milliseconds
        while let next = queue.next, next <= end {
            time = max(time, next)
            step()
        }
        time = end
    }

    /// Runs until the condition holds, looking twice a second; false if it does not within the time.
    package func run(atMost milliseconds: UInt64, until isDone: () -> Bool) -> Bool {
        let end = time + milliseconds
        while time < end {
            if isDone() { return true }
            run(for: min(500, end - time))
        }
        return isDone()
    }

    /// Everything that happens in this millisecond, then a turn of each node that has something to do.
    private func step() {
        steps += 1
        while let happening = queue.popDue(at: time) {
            effort.count(happening)
            happen(happening)
        }
        if !touched.isEmpty { endProgramTurns() }
        if mail != 0 { turnNodes() }
        if looksEvery > 0 && steps % UInt64(looksEvery) == 0 {
            for index in checkers.indices { checkers[index].look(at: self) }
            traceComplaints()
        }
    }

    private func happen(_ happening: Happening) {
        switch happening {
        case .request(let call): arrive(call)
        case .answer(let call, let bytes): answered(call, bytes)
        case .overdue(let patience): overdue(patience: patience)
        case .broken(let call): fail(call)
        case .published(let seat, let process, let bytes): deliver(.published(bytes), to: seat, process)
        case .hungUp(let seat, let process, let pipe): deliver(.disconnected(pipe: pipe), to: seat, process)
        case .diskWorks(let process): workOnDisk(process)
        case .wake(let seat): wake(seat)
        case .start(let seat): start(seat)
        case .program(let place, let life, let what): happen(what, to: place, life: life)
        case .submit(let place): submit(place)
        case .manage(let place): manage(place)
        case .question(let place): question(place)
        case .faultBegins(let place): begin(faults[place])
        case .faultEnds(let place): end(faults[place])
        case .reload(let variant): reload(variant)
        }
    }

    // MARK: - what is seen

    func tell(_ observation: Observation) {
        digest.add(observation, at: time)
        trace?.add(observation, at: time)
        let now = now
        if observation.isOfPeople {
            for index in peopleWatchers { checkers[index].see(observation, books, at: now) }
        } else {
            for index in checkers.indices { checkers[index].see(observation, books, at: now) }
        }
        books.follow(observation)
        traceComplaints()
    }

    /// Something that no checker knows of and that must not be.
    func note(_ what: String) {
        trace?.line("WRONG \(what)", at: time)
        if mistakes.count < 20 { mistakes.append(what) }
    }

    /// A repeated run shows when each complaint came up.
    private func traceComplaints() {
        guard let trace else { return }
        for (index, checker) in checkers.enumerated() where checker.wrong.count > told[index] {
            for complaint in checker.wrong[told[index]...] {
                trace.line("WRONG \(checker.name): \(complaint)", at: time)
            }
            told[index] = checker.wrong.count
        }
    }

    /// What was wrong, by checker.
    package var wrong: [String] {
        mistakes + checkers.flatMap { checker in checker.wrong.map { "\(checker.name): \($0)" } }
    }

    package func withCoordinator<Result>(_ look: (Coordinator) -> Result) -> Result? {
        coordinatorNode?.withCore(look)
    }
    package var routerCount: Int { liveRouters.count }
    package func withRouter<Result>(_ place: Int, _ look: (Router) -> Result) -> Result {
        liveRouters[place].withCore(look)
    }
    package var hasCoordinator: Bool { seats[0].node != nil }
    package var isCoordinatorAway: Bool { seats[0].node == nil || seats[0].busyUntil > time }
    package var messageTimeMax: UInt64 { options.delayMax }
    package var isFaulty: Bool {
        // By place: a seat in a closure's hand is a copy.
        links.isFaulty || seats.indices.contains { seats[$0].node == nil || seats[$0].busyUntil > time }
            || options.publicationsLost > 0 && !isHealed
    }

    // MARK: - what will happen

    /// Agents, and what customers will want, with when.
    private func hire(_ random: inout SplitMix64) {
        for place in 0..<(options.agents + options.secondDevices) {
            let isSecond = place >= options.agents
            let agent = isSecond ? random.below(options.agents) : place
            programs.append(
                Program(
                    device: Device(agent: company.agentName(agent), place: isSecond ? 1 + place - options.agents : 0),
                    place: place, random: random.branch(),
                    choosing: SplitMix64(seed: options.seed ^ UInt64(place + 1) << 32),
                    router: random.below(options.routers)))
            let begins = isSecond ? random.between(5_000, options.workTime) : random.between(500, 3_000)
            if isSecond { programs[place].isOnDuty = false }
            guard options.shift > 0 else {
                queue.plan(.program(place, life: 0, .starts), at: time + begins)
                continue
            }
            let shift = UInt64(place) % (options.workTime / options.shift) * options.shift
            queue.plan(.program(place, life: 0, .starts), at: time + shift + begins)
            queue.plan(.program(place, life: 1, .leaves), at: time + shift + options.shift - begins)
        }
        for place in 0..<options.tickets {
            let submission = Submission(
                customer: "c\(random.below(50))", channel: random.pick(["mail", "chat", "", "callback"]),
                segment: random.chance(1, of: 12) ? "vip" : "", region: random.pick(SimulatedCompany.regions),
                product: random.pick(SimulatedCompany.products), subject: "s", text: "t")
            let isScheduled = random.chance(options.scheduled, of: 1_000)
            let delay = isScheduled ? Interval(milliseconds: random.between(1, 9_000)) : .zero
            submissions.append(
                PlayedSubmission(
                    keyed: KeyedSubmission(
                        key: SubmitKey(high: 1, low: UInt64(place)), submission: submission, delay: delay),
                    router: random.below(options.routers)))
            queue.plan(.submit(place), at: time + random.between(1_000, options.workTime))
        }
        for place in 0..<options.manages {
            managed.append(nil)
            queue.plan(.manage(place), at: time + random.between(2_000, options.workTime))
        }
    }

    private func plan(_ random: inout SplitMix64) {
        for seat in seats.indices { queue.plan(.start(seat: seat), at: time + UInt64(seat)) }
        for (place, fault) in faults.enumerated() { queue.plan(.faultBegins(place), at: time + fault.begins) }
        for _ in 0..<options.reloads {
            queue.plan(.reload(random.below(4)), at: time + random.between(2_000, options.workTime))
        }
        for _ in 0..<options.comings {
            let place = random.below(programs.count)
            let moment = time + random.between(3_000, options.workTime)
            let back = moment + random.between(500, 12_000)
            switch random.below(3) {
            case 0:
                queue.plan(.program(place, life: 1, .leaves), at: moment)
                queue.plan(.program(place, life: 0, .starts), at: back)
            case 1: queue.plan(.program(place, life: 1, .acts(.setStatus(.draining, reason: ""))), at: moment)
            default: queue.plan(.program(place, life: 1, .acts(.setStatus(.away, reason: ""))), at: moment)
            }
        }
    }
}
