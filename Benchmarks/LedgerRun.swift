import Dispatch
import Foundation
import Journal
import Node
import Routing

/// A ledger with many live tickets on a real disk: outcomes a second, what a turn costs while a snapshot is written, and
/// how long a start takes. Printed, not judged. Beside the time on the wall stands the processor's, which a disk or another
/// program that is busy does not change.
struct LedgerRun {
    let tickets: Int
    let folder: String
    private static let batch = 128
    private static let agents = 1_000

    func measure() throws {
        let start = bytesResident()
        var random = SplitMix64(seed: 3)
        do {
            var ledger = Ledger()
            var disk = try open(into: &ledger)
            var turns = Turns()
            let filled = try seconds {
                try fill(&ledger, &disk)
            }
            let records = ledger.lsn.value
            print("\(records) records in \(filled.wall) s: \(filled.rate(records)), batches of \(Self.batch)")
            print("\(ledger.tickets.count) live tickets: \((bytesResident() - start) >> 20) MiB resident")
            try play(&ledger, &disk, &random, turns: 20_000, &turns)
            show("turns of 128 outcomes, no snapshot", turns)
            turns = Turns()
            let before = disk.snapshots
            try force(&ledger, &disk, &random)
            let begun = ledger.lsn.value
            var most = 0
            let took = try seconds {
                while disk.snapshots == before {
                    try play(&ledger, &disk, &random, turns: 100, &turns)
                    most = max(most, bytesResident())
                }
            }
            show("the same while a snapshot is written (\(took.wall) s)", turns)
            print("resident at most, then: \((most - start) >> 20) MiB")
            let rest = begun + 2_000_000 - min(ledger.lsn.value, begun + 2_000_000)
            try play(&ledger, &disk, &random, turns: Int(rest) / Self.batch, &turns)
        }
        var ledger = Ledger()
        let took = try seconds { _ = try open(into: &ledger) }
        print(
            "start with \(ledger.tickets.count) live tickets: \(took.wall) s, \(took.processor) s of them the processor's"
        )
    }

    private func open(into ledger: inout Ledger) throws -> LedgerDisk {
        var sizes = LedgerDisk.Sizes()
        sizes.betweenSnapshots = 400 << 20
        let disk = try LedgerDisk(
            in: try FileStorage(folder: folder), of: .known(Journal.ClusterID(high: 1, low: 2)), sizes: sizes,
            into: &ledger, log: Log("ledger:"))
        let opening = disk.journal.opening
        print("read \(opening.snapshot?.records ?? 0) rows of a snapshot and \(opening.records) records")
        return disk
    }

    private func fill(_ ledger: inout Ledger, _ disk: inout LedgerDisk) throws {
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
        _ ledger: inout Ledger, _ disk: inout LedgerDisk, _ random: inout SplitMix64, turns count: Int,
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

    private func force(_ ledger: inout Ledger, _ disk: inout LedgerDisk, _ random: inout SplitMix64) throws {
        var ignored = Turns()
        while !disk.isSnapshotRunning { try play(&ledger, &disk, &random, turns: 1, &ignored) }
    }

    /// As the coordinator's node does it: all records, one sync, then what is to be done between turns.
    private func turn(_ records: [LedgerRecord], _ ledger: inout Ledger, _ disk: inout LedgerDisk) throws {
        var closed: [TicketRecord] = []
        for record in records {
            if let left = ledger.apply(record, at: WallTime(milliseconds: 1_000 + ledger.lsn.value / 200)) {
                closed.append(left)
            }
            try disk.append(record, as: ledger.lsn)
        }
        try disk.commit(reign: ledger.reign, wall: ledger.wall)
        for record in closed { try disk.archive(record) }
        if let note = try disk.tend(ledger, isIdle: false) { print(note) }
    }

    private func seconds(_ work: () throws -> Void) rethrows -> Took {
        let (wall, processor) = (DispatchTime.now().uptimeNanoseconds, Self.processorNanoseconds)
        try work()
        return Took(
            wall: Double((DispatchTime.now().uptimeNanoseconds - wall) / 1000) / 1e6,
            processor: Double((Self.processorNanoseconds - processor) / 1000) / 1e6)
    }

    /// Of this thread, the kernel's work for it included.
    private static var processorNanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func show(_ what: String, _ turns: Turns) {
        print("\(what): \(Turns.parts(turns.wall)); the processor's part: \(Turns.parts(turns.processor))")
    }
}

extension LedgerRun {
    /// Seconds.
    private struct Took {
        let wall: Double
        let processor: Double

        func rate(_ count: UInt64) -> String {
            "\(Int(Double(count) / wall)) a second, \(Int(Double(count) / processor)) without the disk"
        }
    }

    /// Milliseconds of each turn.
    private struct Turns {
        var wall: [Double] = []
        var processor: [Double] = []

        static func parts(_ turns: [Double]) -> String {
            let sorted = turns.sorted()
            func part(_ share: Double) -> String {
                let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
                return "\(Double(Int(value * 1000)) / 1000)"
            }
            return "p50 \(part(0.5)) ms, p99 \(part(0.99)) ms, p99.9 \(part(0.999)) ms, worst \(part(1)) ms"
        }
    }
}
