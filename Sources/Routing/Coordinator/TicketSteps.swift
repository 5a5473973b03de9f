// How what happens to a ticket is named in its history, and what counts as the cluster's own doing.

extension Trigger {
    /// Whether a move for this reason is the cluster's own and uses up the hop budget.
    var isAutomaticMove: Bool {
        switch self {
        // A step without a condition that changes has `policy`.
        case .waited, .predictedWait, .length, .nobodyOnDuty, .closed, .attempts, .policy, .sla: true
        case .agent, .supervisor, .customer, .deaths, .time, .recovered, .hops: false
        }
    }
}

extension TicketStep.Kind {
    init(_ cause: MoveCause) {
        switch cause {
        case .escalated: self = .escalated
        case .sentDown: self = .sentDown
        case .transferred: self = .transferred
        case .returned: self = .returned
        case .reopened: self = .reopened
        case .started: self = .started
        case .released: self = .released
        }
    }

    init(_ disposition: Disposition) {
        switch disposition {
        case .solved, .handedOut: self = .closed
        case .cancelled: self = .cancelled
        case .merged: self = .merged
        case .expired: self = .lifeEnded
        }
    }
}
