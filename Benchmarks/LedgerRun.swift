import Dispatch
import Foundation
import Journal
import Node
import Routing

/// A ledger with many live tickets on a real disk: outcomes a second, what a turn costs while a snapshot is written,
/// and how long a start takes. Printed, not judged. Beside the time on the wall stands the processor's, which a disk or
/// another program that is busy does not change.
struct LedgerRun {
    let tickets: Int
    let folder: String
    private static let batch = 128
    private static let agents = 1_000

    /// Only the start from what an earlier run has left in the folder.
    func start() throws {
        let before = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
        var ledger = Ledger()
        let took = try seconds { ledger = try open().0 }
        let processor = Double((nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - before) / 1_000_000) / 1_000
        print("start with \(ledger.tickets.count) live tickets: \(took.wall) s; \(processor) s of processors in all")
    }

    func measure() throws {
        let start = bytesResident()
        var random = SplitMix64(seed: 3)
        do {
            var (ledger, disk) = try open()
            var turns = Turns()
            let filled = try seconds {
                try fill(&ledger, &disk)
                try disk.land()
            }
            let records = ledger.lsn.value
            print("\(records) records in \(filled.wall) s: \(filled.rate(records)), batches of \(Self.batch)")
            print("\(ledger.tickets.count) live tickets: \((bytesResident() - start) >> 20) MiB resident")
            try play(&ledger, &disk, &random, turns: 20_000, &turns)
            show("turns of 128 outcomes, no snapshot", turns)
            turns = Turns()
            let before = disk.report.snapshots
            try force(&ledger, &disk, &random)
            let begun = ledger.lsn.value
            var most = 0
            let took = try seconds {
                while disk.report.snapshots == before {
                    try play(&ledger, &disk, &random, turns: 100, &turns)
                    most = max(most, bytesResident())
                }
            }
            show("the same while a snapshot is written (\(took.wall) s)", turns)
            print("resident at most, then: \((most - start) >> 20) MiB")
            let rest = begun + 2_000_000 - min(ledger.lsn.value, begun + 2_000_000)
            try play(&ledger, &disk, &random, turns: Int(rest) / Self.batch, &turns)
            try disk.land()
        }
        try self.start()
    }

    private func open() throws -> (Ledger, Desk) {
        var sizes = LedgerDisk.Sizes()
        sizes.betweenSnapshots = 400 << 20
        let storage = try FileStorage(folder: folder, aside: Background.run)
        let writer = LedgerWriter(hand: ThreadHand())
        let ledger = try writer.open { [sizes] ledger in
            try LedgerDisk(
                in: storage, of: .known(Journal.ClusterID(high: 1, low: 2)), sizes: sizes, hasThreads: true,
                into: &ledger, log: Log("ledger:"))
        }
        let opening = writer.opening
        print("read \(opening?.snapshot?.records ?? 0) rows of a snapshot and \(opening?.records ?? 0) records")
        return (ledger, Desk(writer: writer))
    }

    private func fill(_ ledger: inout Ledger, _ disk: inout Desk) throws {
        var additions = Catalog.Additions()
        additions.regions = ["a"]
        additions.groups = (0..<100).map { "g\($0)" }
        additions.agents = (0..<Self.agents).map { "agent \($0)" }
        var records: [LedgerRecord] = [.reignBegan(1), .policyAdopted(version: 1, text: "{}", additions: additions)]
        for agent in 0..<Self.agents {
            records.append(
                .attached(AgentID(UInt32(agent)), AgentEpoch(1), Incarnation(1), ClientInstance(UInt64(agent))))
        }
        try turn(records, &ledger, &disk)
        while ledger.tickets.count < tickets {
            let next = ledger.ticketsOpened + 1
            try turn((0..<UInt64(Self.batch)).map { opened(next + $0) }, &ledger, &disk)
        }
    }

    /// A text of 300 bytes: what a customer writes in three lines.
    private func opened(_ number: UInt64) -> LedgerRecord {
        .opened(
            LedgerRecord.Opened(
                ticket: TicketID(number), key: SubmitKey(high: 1, low: number), hash: number,
                classification: Classification(
                    group: GroupID(UInt32(number % 100)), priority: Priority(number % 10), signature: Signature([]),
                    rule: "default"),
                submission: Submission(
                    customer: "customer \(number % 100_000)", region: "a", subject: "ticket \(number)",
                    text: String(repeating: "what a customer writes ", count: 13))))
    }

    /// Outcomes on tickets all over: each turn assigns, returns, resolves and closes some and opens as many.
    private func play(
        _ ledger: inout Ledger, _ disk: inout Desk, _ random: inout SplitMix64, turns count: Int,
        _ turns: inout Turns
    ) throws {
        for _ in 0..<count {
            var records: [LedgerRecord] = []
            var next = ledger.ticketsOpened
            var used: Set<TicketID> = []
            while records.count < Self.batch {
                let id = TicketID(UInt64(random.below(Int(ledger.ticketsOpened))) + 1)
                guard let ticket = ledger.tickets[id], used.insert(id).inserted else { continue }
                let agent = AgentID(UInt32(random.below(Self.agents)))
                switch ticket.state {
                case .waiting where random.below(4) == 0:
                    records.append(.closed(id, ticket.fence.next, .cancelled, Cause(.customer)))
                    next += 1
                    records.append(opened(next))
                case .waiting: records.append(.assigned(id, ticket.fence.next, agent, nil))
                default:
                    records.append(
                        .moved(
                            LedgerRecord.Moved(
                                ticket: id, fence: ticket.fence.next, group: ticket.group, cause: .returned,
                                agent: nil, id: nil)))
                }
            }
            let took = try seconds { try turn(records, &ledger, &disk) }
            turns.wall.append(took.wall * 1000)
            turns.processor.append(took.processor * 1000)
        }
    }

    private func force(_ ledger: inout Ledger, _ disk: inout Desk, _ random: inout SplitMix64) throws {
        var ignored = Turns()
        while !disk.report.isSnapshotRunning { try play(&ledger, &disk, &random, turns: 1, &ignored) }
    }

    /// As the coordinator's node does it: the records of a turn are made while the batch before them is on its way.
    private func turn(_ records: [LedgerRecord], _ ledger: inout Ledger, _ disk: inout Desk) throws {
        var effects: [Coordinator.Effect] = []
        effects.reserveCapacity(records.count)
        for record in records {
            let wall = WallTime(milliseconds: 1_000 + ledger.lsn.value / 200)
            let left = ledger.apply(record, at: wall)
            effects.append(.journal(ledger.lsn, wall, record))
            if let left { effects.append(.archive(left)) }
        }
        try disk.land()
        let image = disk.report.wantsImage ? LedgerImage(of: ledger) : nil
        disk.flight = disk.writer.send(
            LedgerWriter.Batch(
                effects, reign: ledger.reign, wall: ledger.wall, isIdle: false, isLong: true, image: image))
    }

    private func seconds(_ work: () throws -> Void) rethrows -> Took {
        let (wall, processor) = (DispatchTime.now().uptimeNanoseconds, nanoseconds(CLOCK_THREAD_CPUTIME_ID))
        try work()
        return Took(
            wall: Double((DispatchTime.now().uptimeNanoseconds - wall) / 1000) / 1e6,
            processor: Double((nanoseconds(CLOCK_THREAD_CPUTIME_ID) - processor) / 1000) / 1e6)
    }

    private func show(_ what: String, _ turns: Turns) {
        print("\(what): \(Turns.parts(turns.wall)); the processor's part: \(Turns.parts(turns.processor))")
    }
}

extension LedgerRun {
    /// The coordinator's side of its disk.
    private struct Desk {
        let writer: LedgerWriter
        var flight: Flight?
        var report = LedgerWriter.Report()

        init(writer: LedgerWriter) { self.writer = writer }

        /// Waits until the batch on its way has come to its end.
        mutating func land() throws {
            guard let flight else { return }
            flight.wait()
            if case .failed(let error) = flight.stage { throw error }
            guard case .over(let report, let note) = flight.stage else { return }
            self.report = report
            self.flight = nil
            if let note { print(note) }
        }
    }

    /// Seconds.
    private struct Took {
        let wall: Double
        let processor: Double

        func rate(_ count: UInt64) -> String {
            "\(Int(Double(count) / wall)) a second, \(Int(Double(count) / processor)) by the core's thread alone"
        }
    }

    /// Milliseconds of each turn.
    private struct Turns {
        var wall: [Double] = []
        var processor: [Double] = []

        static func parts(_ turns: [Double]) -> String {
            let sorted = turns.sorted()
            func part(_ share: Double) -> String {
                "\(Double(Int(sorted.share(share) * 1000)) / 1000)"
            }
            return "p50 \(part(0.5)) ms, p99 \(part(0.99)) ms, p99.9 \(part(0.999)) ms, worst \(part(1)) ms"
        }
    }
}
