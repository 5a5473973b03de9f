import Journal
import Node
import Routing
import Wire

/// A node's place in the world: the machine that it runs on, whether it runs or not.
struct Seat {
    let name: String
    var node: (any Steppable)?
    /// Rises with each start.
    var process = 0
    var box: PostBox?
    /// A coordinator's whose disk works beside its turns.
    var hand: LateHand?
    var inbox: [Arrival] = []
    var clock = SimulatedClock()
    /// Until then it does not run: it is paused, or waits for its disk.
    var busyUntil: UInt64 = 0
    /// When it is woken at the latest, by an event that is in the queue.
    var armed = UInt64.max
    /// Whether a fault keeps it down.
    var isDown = false
    var mustStart = true
    /// Seats whose publications it hears.
    var publishers: [Int] = []
}

/// Nodes: starting, turning and ending them.
extension World {
    var clientNow: Now { SimulatedClock().now(time) }
    var coordinatorNode: CoordinatorNode? { seats[0].node as? CoordinatorNode }
    var policyGrace: Interval {
        Configuration.duration(company.options.grace).map { Interval(milliseconds: $0) } ?? .zero
    }
    /// The seat at an address, or the one that publishes there.
    func seat(at address: String) -> Int? {
        if address == "coordinator" { return 0 }
        var bytes = address.utf8.makeIterator()
        guard bytes.next() == UInt8(ascii: "r") else { return nil }
        var number = 0
        while let digit = bytes.next(), digit != UInt8(ascii: ":") {
            guard (48...57).contains(digit), number < 1_000 else { return nil }
            number = 10 * number + Int(digit - 48)
        }
        return number + 1
    }
    func routerAddress(_ number: Int) -> String { "r\(number):1" }

    private func log(_ place: Int) -> Log {
        let trace = trace
        let name = seats[place].name
        return Log(name, isQuiet: trace == nil) { level, line in trace?.line("\(name) \(level.rawValue) \(line)") }
    }

    func start(_ place: Int) {
        guard seats[place].node == nil, !seats[place].isDown else { return }
        let box = PostBox()
        seats[place].process += 1
        seats[place].box = box
        seats[place].hand = place == 0 && options.isDiskBeside ? LateHand() : nil
        seats[place].inbox = []
        seats[place].armed = .max
        seats[place].busyUntil = 0
        seats[place].publishers = []
        if place == 0 { startCoordinator(box) } else { startRouter(place, box) }
        guard seats[place].node != nil else { return }
        sendWaiting(to: place)
        send(of: place, from: time)
        arm(place)
    }

    private func startCoordinator(_ box: PostBox) {
        do {
            let node = try CoordinatorNode(
                name: "coordinator", company: try company.company(variant: variant), storage: disk,
                clusterID: .drawn { Journal.ClusterID(high: 1, low: 2) }, sizes: sizes, marker: marker,
                hand: seats[0].hand, network: box, now: seats[0].clock.now(time), log: log(0),
                flaws: flaws, points: Points(options.points)
            ) { lsn, wall, record in box.journaled(lsn, wall, record) }
            guard node.exitCode == nil else { return coordinatorFailed("its disk failed at the start") }
            seats[0].node = node
            var letters: [PostBox.Letter] = []
            box.take(into: &letters)
            for case .journaled(let lsn, let wall, let record) in letters { journaled(lsn, wall, record) }
            let (ledger, policy) = node.withCore { ($0.ledger, $0.policy) }
            tell(.policyInForce(policy))
            tell(.coordinatorStarted(ledger, policy))
        } catch {
            coordinatorFailed("\(error)")
        }
    }

    /// Its supervisor tries again, on what its disk then has.
    private func coordinatorFailed(_ why: String) {
        tell(.coordinatorRefusedToStart(why))
        seats[0].node = nil
        seats[0].box = nil
        if disk.isDead { crashDisk(isPowerLost: true) } else { crashDisk(isPowerLost: false) }
        queue.add(.start(seat: 0), at: time + 500)
    }

    var sizes: LedgerDisk.Sizes {
        var sizes = LedgerDisk.Sizes()
        sizes.segment = options.segmentBytes
        sizes.betweenSnapshots = options.snapshotBytes
        return sizes
    }

    private func startRouter(_ place: Int, _ box: PostBox) {
        let number = place - 1
        let name = seats[place].name
        let place0 = RouterNode.Place(
            name: name, region: SimulatedCompany.regions[number % SimulatedCompany.regions.count],
            address: routerAddress(number), gossipAddress: "r\(number):2", coordinator: "coordinator")
        seats[place].node = RouterNode(
            place: place0, network: box, now: seats[place].clock.now(time), log: log(place),
            speaking: version(of: place), flaws: flaws, points: Points(options.points))
        listRouters()
        tell(.routerStarted(name))
    }

    private func listRouters() { liveRouters = seats.compactMap { $0.node as? RouterNode } }

    // MARK: - turns

    func deliver(_ arrival: Arrival, to place: Int, _ process: Int) {
        guard seats[place].node != nil, seats[place].process == process else { return }
        seats[place].inbox.append(arrival)
        hasMail(place)
    }

    /// What the coordinator's last turn has left to its hand, if nobody was quicker.
    func workOnDisk(_ process: Int) {
        guard seats[0].node != nil, seats[0].process == process, let hand = seats[0].hand, hand.hasWork else { return }
        hand.work()
        seats[0].busyUntil = max(seats[0].busyUntil, time + disk.takeElapsed().milliseconds)
        deliver(.written, to: 0, process)
    }

    private func hasMail(_ place: Int) {
        mail |= 1 << UInt64(place)
    }

    func wake(_ place: Int) {
        seats[place].armed = .max
        if seats[place].node != nil { mail |= 1 << UInt64(place) }
    }

    func turnNodes() {
        // In order of seats, whoever got the first letter.
        while mail != 0 {
            let place = mail.trailingZeroBitCount
            mail &= mail - 1
            turn(place)
        }
    }

    private func turn(_ place: Int) {
        guard let node = seats[place].node else { return }
        guard seats[place].busyUntil <= time else { return arm(place) }
        let clock = seats[place].clock.now(time)
        guard !seats[place].inbox.isEmpty || node.nextDeadline.map({ $0 <= clock.instant }) ?? false else {
            return arm(place)
        }
        var arrivals: [Arrival] = []
        swap(&arrivals, &seats[place].inbox)
        node.turn(arrivals, at: clock)
        if !arrivals.isEmpty { arrivals.removeAll(keepingCapacity: true) }
        swap(&arrivals, &seats[place].inbox)
        effort.count(turnOf: place)
        turns += 1
        if invariantsEvery > 0 && turns % invariantsEvery == 0, let router = node as? RouterNode {
            for fault in router.withCore({ $0.checkInvariants(at: clock) }) { note(fault) }
        }
        var leaves = time
        if place == 0 {
            leaves += disk.takeElapsed().milliseconds
            seats[0].busyUntil = max(seats[0].busyUntil, leaves)
            if seats[0].hand?.hasWork ?? false {
                queue.add(.diskWorks(process: seats[0].process), at: leaves + 1 + time % 2)
            }
        }
        send(of: place, from: leaves)
        if node.exitCode != nil { return coordinatorEnded() }
        if node.isOver { return ended(place) }
        arm(place)
    }

    /// It left in peace, or because it can never join.
    private func ended(_ place: Int) {
        seats[place].node = nil
        listRouters()
        hangUpAll(at: place, isPowerLost: false)
        tell(.routerDied(seats[place].name))
        if !seats[place].isDown { queue.add(.start(seat: place), at: time + 1_000) }
    }

    private func coordinatorEnded() {
        kill(0, isPowerLost: disk.isDead)
        if !seats[0].isDown { queue.add(.start(seat: 0), at: time + 1_000) }
    }

    /// An event for when it wants to be stepped next; one that is in the queue already and early enough will do.
    private func arm(_ place: Int) {
        guard let node = seats[place].node else { return }
        var due: UInt64
        if !seats[place].inbox.isEmpty {
            due = max(time + 1, seats[place].busyUntil)
        } else if let next = node.nextDeadline {
            due = max(time + 1, seats[place].busyUntil, seats[place].clock.time(of: next))
        } else {
            return
        }
        guard due < seats[place].armed else { return }
        seats[place].armed = due
        queue.add(.wake(seat: place), at: due)
    }

    // MARK: - the end of a process

    /// It is gone in the middle of whatever it did; with the power of its machine, nobody is told.
    func kill(_ place: Int, isPowerLost: Bool) {
        guard seats[place].node != nil else { return }
        seats[place].node = nil
        listRouters()
        seats[place].box = nil
        seats[place].hand = nil
        seats[place].inbox = []
        hangUpAll(at: place, isPowerLost: isPowerLost)
        disconnectAll(of: place, isPowerLost: isPowerLost)
        if place == 0 {
            crashDisk(isPowerLost: isPowerLost)
            tell(.coordinatorDied)
        } else {
            tell(.routerDied(seats[place].name))
        }
    }

    private func crashDisk(isPowerLost: Bool) {
        guard isPowerLost else {
            disk = disk.afterDeath()
            return
        }
        disk = disk.afterCrash(.drawn(from: &diskRandom), seed: diskRandom.next())
    }

    private func journaled(_ lsn: LSN, _ wall: WallTime, _ record: LedgerRecord) {
        effort.records += 1
        tell(.journaled(lsn, wall, record))
        guard case .policyAdopted(let version, let text, _) = record, let node = coordinatorNode else { return }
        tell(.policyInForce(policy(version, text, at: wall, node.withCore { $0.policy })))
    }

    /// The policy that a record put into force: `latest`, or one that another took the place of in the same turn.
    private func policy(_ version: UInt32, _ text: String, at wall: WallTime, _ latest: Policy) -> Policy {
        guard version != latest.version else { return latest }
        do {
            for variant in 0..<4 {
                let company = try company.company(variant: variant)
                guard company.text == text else { continue }
                return company.compile(adding: latest.catalog, version: version, today: wall).policy
            }
        } catch { note("a variant of the company is wrong: \(error)") }
        note("policy \(version) is of no known company")
        return latest
    }

    func reload(_ variant: Int) {
        self.variant = variant
        guard let node = seats[0].node, !node.isOver else { return }
        do {
            deliver(.loaded(.success(try company.company(variant: variant)), token: nil), to: 0, seats[0].process)
        } catch {
            note("the company's variant \(variant) is wrong: \(error)")
        }
    }

    /// What the node said in its turn leaves it.
    private func send(of place: Int, from leaves: UInt64) {
        var letters: [PostBox.Letter] = []
        swap(&letters, &self.letters)
        seats[place].box?.take(into: &letters)
        let life = seats[place].process
        for letter in letters {
            switch letter {
            case .reply(let token, let bytes):
                reply(from: place, token, bytes, leaves)
            case .ask(let address, let tag, let bytes, let patience):
                ask(from: place, life: life, address, tag, bytes, patience, leaves: leaves)
            case .publish(let bytes): publish(from: place, bytes)
            case .subscribe(let addresses): seats[place].publishers = addresses.compactMap { seat(at: $0) }.sorted()
            case .keep(let addresses): keep(place, addresses.compactMap { seat(at: $0) })
            case .redial(let address): disconnect(place, from: address)
            case .journaled(let lsn, let wall, let record): journaled(lsn, wall, record)
            }
        }
        if !letters.isEmpty { letters.removeAll(keepingCapacity: true) }
        swap(&letters, &self.letters)
    }
}
