/// Times that say something of somebody else: judged after the whole inbox, for what came in time counts. A router that
/// was away itself, which it sees by how late its timers are, gives everybody that time again.
struct Verdicts: Sendable {
    var due: [Router.Timer] = []
    /// How late the earliest timer of this turn was.
    var pause = Interval.zero
}

extension Router {
    mutating func judge(at now: Now, _ effects: inout [Effect]) {
        let due = verdicts.due
        verdicts.due = []
        for timer in due {
            guard verdicts.pause <= Limits.pauseNoticed else {
                deadlines.arm(timer, due: self.due(verdicts.pause, from: now))
                continue
            }
            switch timer {
            case .offerExpires(let offer, let agent): expire(offer, of: agent, at: now, &effects)
            case .giveBack(let agent, let ticket, let fence): giveBack(ticket, fence, of: agent, at: now, &effects)
            case .silenceEnds: judgeSilences(at: now, &effects)
            default: break
            }
        }
    }
}
