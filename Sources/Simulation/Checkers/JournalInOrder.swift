package import Routing

/// Records are numbered without a gap and never go back in time, reigns rise (promises 5 and 7). After a death some may
/// be durable that nobody was told of; then the next reign goes on behind them.
package struct JournalInOrder: Checker {
    package let name = "JournalInOrder"
    private var complaints = Complaints()
    private var lsn = LSN.zero
    private var wall = WallTime(milliseconds: 0)
    private var reign: UInt32 = 0
    /// Whether the next record may be further on.
    private var hasDied = true

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .coordinatorDied, .coordinatorRefusedToStart: hasDied = true
        case .journaled(let lsn, let wall, let record):
            let isNext = hasDied ? lsn > self.lsn : lsn.value == self.lsn.value + 1
            complaints.expect(isNext, "record \(lsn.value) comes after \(self.lsn.value)")
            complaints.expect(
                wall >= self.wall, "record \(lsn.value) is of \(wall.milliseconds), after \(self.wall.milliseconds)")
            (self.lsn, self.wall, hasDied) = (lsn, wall, false)
            if case .reignBegan(let reign) = record {
                complaints.expect(reign > self.reign, "reign \(reign) comes after \(self.reign)")
                self.reign = reign
            }
        default: break
        }
    }
}

/// What a restart finds, by snapshot and journal, is what all records together make, to the last field.
package struct RecoveryFolds: Checker {
    package let name = "RecoveryFolds"
    private var complaints = Complaints()
    /// Together with `records`, those that came after.
    private var folded = Ledger()
    /// Folded when a restart asks for it, or many have come: after the last restart of a run nobody does.
    private var records: [(record: LedgerRecord, wall: WallTime)] = []
    private static let recordsMost = 4_096
    private var isWhole = true

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, let wall, let record):
            if lsn.value != folded.lsn.value + UInt64(records.count) + 1 { isWhole = false }
            if isWhole { records.append((record, wall)) }
            if records.count == Self.recordsMost { fold() }
        case .coordinatorStarted(let ledger, _):
            if isWhole {
                fold()
                let (mine, its) = (LedgerImage.rows(of: folded), LedgerImage.rows(of: ledger))
                if mine != its {
                    complaints.add("the state at \(ledger.lsn.value) is another: \(Self.difference(mine, its))")
                }
            }
            folded = ledger
            records = []
            isWhole = true
        case .coordinatorRefusedToStart(let why):
            complaints.expect(Self.isTransient(why), "a start is refused after a crash: \(why)")
        default: break
        }
    }

    private mutating func fold() {
        for (record, wall) in records { folded.apply(record, at: wall) }
        records.removeAll(keepingCapacity: true)
    }

    /// The disk is at fault, and the next try may find it well again.
    private static func isTransient(_ why: String) -> Bool {
        ["the disk is full", "failed: input/output error", "its disk failed"].contains { why.contains($0) }
    }

    private static func difference(_ mine: [LedgerRow], _ its: [LedgerRow]) -> String {
        for (left, right) in zip(mine, its) where left != right {
            return "\("\(left)".prefix(300)) ... and not \("\(right)".prefix(300)) ..."
        }
        return "\(mine.count) rows and not \(its.count)"
    }
}

/// Under one key a command of a customer or supervisor is done once: the same answer ever after.
package struct AnswersAlike: Checker {
    package let name = "AnswersAlike"
    package let seesPeople = true
    private var complaints = Complaints()
    private var done: [SubmitKey: Outcome] = [:]
    private var kept: Set<SubmitKey> = []

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .manageAnswered(let key, let outcome):
            if let first = done[key] {
                complaints.expect(first == outcome, "key \(key.low) was answered \(first), then \(outcome)")
            } else if case .done = outcome {
                done[key] = outcome
            }
        case .journaled(let lsn, _, .keyKept(let key, _, let id)):
            complaints.expect(
                kept.insert(key).inserted, "record \(lsn.value) does the command of key \(key.low) on \(id.value) again"
            )
        default: break
        }
    }
}
