package import Routing

/// A bit that decays at rest is never silent (reliability, I12): the start is refused, or nothing was changed by it.
/// One thing cannot be told from a torn write: decay of the last batch, when the death came within the moment in which
/// it had not been marked as synced yet.
package struct DecayNoticed: Checker {
    package let name = "DecayNoticed"
    /// See `Recovery`: the mark is written when the coordinator had nothing to write for a turn.
    private static let markedAfter = Interval(milliseconds: 500)
    private var complaints = Complaints()
    private var lsn = LSN.zero
    /// The first record of the last batch, and when that was written.
    private var batch = (first: LSN(1), at: Instant(milliseconds: 0))
    private var trouble = Trouble()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, _, _):
            if now.instant != batch.at || lsn.value != self.lsn.value + 1 { batch = (lsn, now.instant) }
            self.lsn = lsn
        case .decayed(let flip, .differs(let left, let what)):
            // What was durable and told to nobody is nobody's.
            if left >= lsn && what == "records are missing" { return }
            let isYoung = now.instant.since(max(batch.at, trouble.awayAt)) < Self.markedAfter
            let isTail = left.value + 1 >= batch.first.value && isYoung
            complaints.expect(
                isTail,
                "bit \(flip.bit) of byte \(flip.offset) of \(flip.file) decays, and a start goes on with "
                    + "\(left.value) of \(lsn.value) records: \(what)")
        default: break
        }
    }

    package mutating func look(at cores: any Cores) { trouble.look(cores) }
}
