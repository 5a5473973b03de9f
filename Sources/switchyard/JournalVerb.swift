import Foundation
import Journal
import Node
import Routing
import Wire

/// `switchyard journal verify | dump | repair`: the ledger's files, for an operator, without a coordinator.
enum JournalVerb {
    static let verb = Verb(
        name: "journal", summary: "Looks at a ledger's files: whether they are whole, what is in them.",
        operands: "verify | dump | repair FOLDER",
        options: [
            Option("ticket", "NUMBER", "dump: only records about this ticket"),
            Option("from", "LSN", "dump: only from this record on"),
            Option("to", "LSN", "dump: only up to this record"),
            Option("full", nil, "dump: texts whole, not their first 60 characters"),
            Option("cut-tail", nil, "repair: cut a torn last batch off, as a start would, and keep it in a file"),
            Arguments.format,
        ],
        examples: [
            "switchyard journal verify /var/lib/switchyard      # reads every byte, changes nothing",
            "switchyard journal dump /var/lib/switchyard --ticket 7",
            "switchyard journal dump /var/lib/switchyard --from 1000 --to 2000 --format json",
            "switchyard journal repair --cut-tail /var/lib/switchyard",
            "",
            "verify and dump may run beside a coordinator; its newest batch can then look torn. repair may not.",
            "A torn tail is the rest of a write that a death interrupted; nobody was told that it was done, and",
            "the next start cuts it by itself. Anything else that is wrong is damage: a start is refused, and so is",
            "repair. Restore the folder from a copy then; the routers' clients send again what was not acknowledged.",
            "",
            "Exit codes: 0 whole (or only a torn tail), 1 damaged or nothing in it, 2 wrong command line or no such",
            "folder, 70 a file in it cannot be read or written, or a coordinator holds it.",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        guard arguments.operands.count == 2 else { throw UsageError("expected verify, dump or repair, and a folder") }
        let folder = arguments.operands[1]
        do { _ = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw UsageError("\(folder) is no folder that can be read")
        }
        switch arguments.operands[0] {
        case "verify": return try verify(folder, isJSON: arguments.wantsJSON)
        case "dump": return try dump(folder, arguments)
        case "repair":
            guard arguments.has("cut-tail") else { throw UsageError("repair can only --cut-tail") }
            return try repair(folder, isJSON: arguments.wantsJSON)
        case let other: throw UsageError("expected verify, dump or repair, found \"\(other)\"")
        }
    }

    // MARK: - verify

    private static func verify(_ folder: String, isJSON: Bool) throws -> Int32 {
        let storage = try FileStorage(folder: folder, isReadOnly: true)
        let isInUse = try !storage.lock()
        let teller = ProgressTeller()
        let inspection = try Inspection(of: storage, progress: teller.tell)
        let verdict = JournalVerdict(folder, inspection, isInUse: isInUse)
        print(isJSON ? Console.json(verdict) : verdict.text)
        return verdict.isWhole ? ExitCode.success : ExitCode.failed
    }

    // MARK: - dump

    private static func dump(_ folder: String, _ arguments: Arguments) throws -> Int32 {
        let storage = try FileStorage(folder: folder, isReadOnly: true)
        let isJSON = try arguments.wantsJSON
        let ticket = try number("ticket", arguments)
        let first = try number("from", arguments) ?? 0
        let last = try number("to", arguments) ?? .max
        var names = RecordNames(isFull: arguments.has("full"))
        var lines = LineWriter()
        let teller = ProgressTeller()
        struct Enough: Error {}
        var problems: [JournalError] = []
        do {
            let inspection = try Inspection(of: storage, progress: teller.tell) { record in
                if record.lsn.number > last { throw Enough() }
                let entry = try LedgerRecord.read(record)
                names.learn(entry)
                guard record.lsn.number >= first, ticket == nil || entry.ticket?.value == ticket else { return }
                lines.put(ShownRecord(record, entry, names), isJSON: isJSON)
            }
            problems = inspection.problems
        } catch is Enough {}
        lines.flush()
        for problem in problems { Console.error("\(problem)") }
        return problems.isEmpty ? ExitCode.success : ExitCode.failed
    }

    private static func number(_ name: String, _ arguments: Arguments) throws -> UInt64? {
        guard let text = arguments.text(name) else { return nil }
        guard let number = UInt64(text), number > 0 else {
            throw UsageError("--\(name): expected a number from 1 on, found \"\(text)\"")
        }
        return number
    }

    // MARK: - repair

    private static func repair(_ folder: String, isJSON: Bool) throws -> Int32 {
        let storage = try FileStorage(folder: folder)
        do throws(JournalError) {
            guard let cut = try Journal.cutTail(in: storage) else {
                print(isJSON ? Console.json(["cutBytes": 0]) : "nothing to cut: the journal ends with a whole batch")
                return ExitCode.success
            }
            if isJSON {
                let found = TailShown(cut.tail, keptIn: cut.kept)
                print(Console.json(found))
            } else {
                print(
                    "cut \(cut.tail.bytes) bytes at offset \(cut.tail.offset) of \(cut.tail.file); they are kept in "
                        + "\(cut.kept). The journal ends before record \(cut.tail.lsn).")
            }
            return ExitCode.success
        } catch {
            switch error {
            case .locked:
                Console.error("a coordinator works on \(folder): stop it first")
                return ExitCode.journalFailed
            case .storage: throw error
            default:
                Console.error("\(error): that is no torn tail, and nothing was changed; restore the folder from a copy")
                return ExitCode.failed
            }
        }
    }
}

/// What `journal verify` found.
struct JournalVerdict: Encodable {
    struct ShownSnapshot: Encodable {
        let file: String
        let lsn: UInt64
        let records: UInt64
        let bytes: UInt64
    }
    let folder: String
    let isWhole: Bool
    let isInUse: Bool
    let cluster: String?
    let segments: Int
    let batches: UInt64
    let records: UInt64
    let firstLSN: UInt64?
    let lastLSN: UInt64?
    let snapshots: [ShownSnapshot]
    let archiveBytes: UInt64
    let tornTail: TailShown?
    let problems: [String]
    /// Damage that does not stop a start.
    let warnings: [String]

    init(_ folder: String, _ inspection: Inspection, isInUse: Bool) {
        self.folder = folder
        self.isInUse = isInUse
        isWhole = inspection.problems.isEmpty
        cluster = inspection.clusterID.map { "\($0)" }
        segments = inspection.report.segments
        batches = inspection.report.batches
        records = inspection.report.records
        firstLSN = inspection.firstLSN?.number
        lastLSN = inspection.lastLSN?.number
        snapshots = inspection.snapshots.map {
            ShownSnapshot(file: $0.file, lsn: $0.lsn.number, records: $0.records, bytes: $0.bytes)
        }
        archiveBytes = inspection.archiveBytes
        tornTail = inspection.report.tornTail.map { TailShown($0, keptIn: nil) }
        problems = inspection.problems.map(\.description)
        warnings = inspection.report.snapshotsSkipped.map(\.description).filter { warning in
            !inspection.problems.contains { $0.description == warning }
        }
    }

    var text: String {
        var lines = ["\(folder): \(isWhole ? "whole" : "DAMAGED, a start would be refused")"]
        if isInUse { lines.append("  a coordinator works on it: its newest batch may look torn here") }
        if let firstLSN, let lastLSN {
            lines.append("  \(records) records, \(firstLSN) to \(lastLSN), in \(batches) batches, \(segments) segments")
        } else {
            lines.append("  no records")
        }
        for snapshot in snapshots {
            lines.append("  \(snapshot.file): up to record \(snapshot.lsn), \(snapshot.records) rows")
        }
        if archiveBytes > 0 { lines.append("  archive: \(archiveBytes) bytes") }
        if let tornTail {
            lines.append(
                "  \(tornTail.file) ends at offset \(tornTail.offset) with \(tornTail.cutBytes) bytes of a torn batch, "
                    + "which nobody was told of; the next start cuts them")
        }
        for warning in warnings { lines.append("  passed over: \(warning)") }
        for problem in problems { lines.append("  \(problem)") }
        return lines.joined(separator: "\n")
    }
}

struct TailShown: Encodable {
    let file: String
    let offset: Int
    let cutBytes: Int
    let beforeLSN: UInt64
    let keptIn: String?

    init(_ tail: TornTail, keptIn: String?) {
        file = tail.file
        offset = tail.offset
        cutBytes = tail.bytes
        beforeLSN = tail.lsn.number
        self.keptIn = keptIn
    }
}

/// Says on standard error how far long work has come: first after a second, then each second.
final class ProgressTeller {
    private var next = ContinuousClock.now + .seconds(1)

    func tell(_ progress: Inspection.Progress) {
        guard ContinuousClock.now >= next, progress.of > 0 else { return }
        next = ContinuousClock.now + .seconds(1)
        let percent = progress.bytes * 100 / progress.of
        Console.error("read \(progress.bytes >> 20) of \(progress.of >> 20) MiB (\(percent) %), now \(progress.file)")
    }
}
