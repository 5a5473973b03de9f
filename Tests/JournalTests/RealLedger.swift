import Node
import Routing

@testable import Journal

/// The real ledger over journal, snapshots and archive, without a coordinator: a list of records that lets tickets
/// come, be worked on and close, one after the other.
struct RealLedger: ~Copyable {
    private(set) var ledger = Ledger()
    private(set) var disk: LedgerDisk

    static let records: [LedgerRecord] = {
        var additions = Catalog.Additions()
        additions.regions = ["a"]
        additions.groups = ["g"]
        additions.agents = ["ana"]
        var records: [LedgerRecord] = [
            .reignBegan(1), .policyAdopted(version: 1, text: "{}", additions: additions),
            .attached(agent, AgentEpoch(1), Incarnation(1), ClientInstance(7)),
        ]
        for number in UInt64(1)...40 {
            records.append(open(number))
            if number > 1 {
                records.append(
                    .assigned(
                        TicketID(number - 1), Fence(2), agent,
                        CommandID(instance: ClientInstance(7), sequence: number)))
            }
            // Every fifth stays with the agent.
            if number > 3 && number % 5 != 0 {
                records.append(.resolved(TicketID(number - 2), agent, nil, handedOut: nil))
                records.append(.closed(TicketID(number - 2), Fence(3), .solved, Cause(.time)))
            }
        }
        return records
    }()
    private static let agent = AgentID(0)

    private static func open(_ number: UInt64) -> LedgerRecord {
        .opened(
            LedgerRecord.Opened(
                ticket: TicketID(number), key: SubmitKey(high: 1, low: number), hash: number,
                classification: Classification(group: GroupID(0), priority: 5, signature: Signature([]), rule: "r"),
                submission: Submission(customer: "c\(number % 3)", text: "text of \(number)")))
    }

    /// The state after the first `count` records, and the tickets that they have closed.
    static func fold(_ count: Int) -> (ledger: Ledger, closed: [TicketRecord]) {
        var ledger = Ledger()
        var closed: [TicketRecord] = []
        for record in records.prefix(count) {
            if let left = ledger.apply(record, at: wall) { closed.append(left) }
        }
        return (ledger, closed)
    }

    /// All of a batch have one time, and here all batches.
    private static let wall = WallTime(milliseconds: 1_000)

    init(on storage: any Storage, hasThreads: Bool = false) throws {
        var sizes = LedgerDisk.Sizes()
        sizes.segment = 1_536
        sizes.betweenSnapshots = 2_048
        var folded = Ledger()
        disk = try LedgerDisk(
            in: storage, of: .known(cluster), sizes: sizes, hasThreads: hasThreads, into: &folded,
            log: Log("ledger:", isQuiet: true))
        ledger = folded
    }

    /// The next records of the list, so many, in a batch. Gives the newest durable one.
    mutating func turn(_ count: Int) throws(JournalError) -> Int {
        var closed: [TicketRecord] = []
        for _ in 0..<count where ledger.lsn.value < UInt64(Self.records.count) {
            let index = Int(ledger.lsn.value)
            let left = ledger.apply(Self.records[index], at: Self.wall)
            try disk.append(Self.records[index], as: ledger.lsn)
            if let left { closed.append(left) }
        }
        try disk.commit(reign: ledger.reign, wall: ledger.wall)
        for record in closed { try disk.archive(record) }
        return Int(disk.journal.durableLSN.number)
    }

    mutating func tend() throws(JournalError) {
        for _ in 0..<2 { _ = try disk.tend(LedgerImage(of: ledger), isIdle: false) }
    }

    /// The whole list, or as much of it as the disk lets it; true if all of it was done.
    static func work(on storage: any Storage, _ acknowledged: inout Int) -> Bool {
        do {
            var ledger = try RealLedger(on: storage)
            while ledger.ledger.lsn.value < UInt64(records.count) {
                acknowledged = max(acknowledged, try ledger.turn(1 + acknowledged % 3))
                try ledger.tend()
            }
            // An idle turn marks the end: without it a flip in the last batch would look like a torn write.
            _ = try ledger.disk.tend(LedgerImage(of: ledger.ledger), isIdle: true)
            return true
        } catch { return false }
    }

    /// What is wrong; nil if the ledger is the fold of the first records, at least so many, and every ticket that they
    /// have closed can be shown, whole.
    static func fault(on storage: any Storage, acknowledged: Int, hasThreads: Bool = false) throws -> String? {
        let restored = try RealLedger(on: storage, hasThreads: hasThreads)
        let count = Int(restored.ledger.lsn.value)
        guard count >= acknowledged else { return "\(count) records of \(acknowledged)" }
        let expected = fold(count)
        guard LedgerImage.rows(of: restored.ledger) == LedgerImage.rows(of: expected.ledger) else {
            return "another state after \(count) records"
        }
        guard restored.disk.archived == expected.closed.count else {
            return "\(restored.disk.archived) archived of \(expected.closed.count)"
        }
        for record in expected.closed where try restored.disk.archived(record.ticket) != record {
            return "ticket \(record.ticket.value) is another one in the archive"
        }
        return nil
    }
}
