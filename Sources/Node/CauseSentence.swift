package import Routing

extension Cause {
    /// For logs and people.
    package var sentence: String {
        let who = by.isEmpty ? "" : " by \(by)"
        return note.isEmpty ? trigger.words + who : "\(trigger.words)\(who): \(note)"
    }
}

extension Trigger {
    package var words: String {
        switch self {
        case .agent: "asked for"
        case .supervisor: "supervisor"
        case .customer: "customer"
        case .waited: "waited too long"
        case .predictedWait: "long wait expected"
        case .length: "queue too long"
        case .nobodyOnDuty: "nobody on duty"
        case .closed: "closed"
        case .attempts: "declined too often"
        case .deaths: "its holder vanished"
        case .time: "its time has come"
        case .recovered: "its group is well again"
        case .policy: "rules changed"
        case .hops: "hop budget used up"
        case .sla: "promise"
        }
    }
}
