import Routing

/// What an `AgentSession` is made of.
extension AgentSession {
    enum Phase: Equatable, Sendable {
        case waiting(until: Instant)
        case attaching(UInt64)
        case attached
        case stopped
    }

    struct Line: Sendable {
        let name: String
        var id: AgentID?
        var epoch = AgentEpoch(0)
        var sequence: UInt64 = 0
        var view: AgentView?
        /// The reason of his status, as he gave it last.
        var reason = ""
        var isOver = false

        /// What another router has to know of him when he comes to it; nil for what everybody is who comes.
        var state: AgentState? {
            guard let status = view?.status, status.isSettable || status == .notResponding, status != .available else {
                return nil
            }
            return AgentState(name: name, status: status, reason: status == .away ? reason : "")
        }
    }

    struct Pending: Sendable {
        let line: Int
        let sequence: UInt64
        let action: AgentAction
        let tag: UInt64
        /// Whether a router may have done it.
        var wasSent = false
    }
}
