import Routing
import Wire

/// Questions of a session what there is to take, until they are answered. A lost one is not asked again by itself: what
/// waits now is another question.
struct OpenBrowses: Sendable {
    private var tags: [UInt64: UInt64] = [:]

    mutating func add(_ call: UInt64, tag: UInt64) { tags[call] = tag }

    /// Takes the end of a call, nil for no answer. False when the call was for something else.
    mutating func settle(_ call: UInt64, _ reply: Reply?, _ effects: inout [AgentSession.Effect]) -> Bool {
        guard let tag = tags.removeValue(forKey: call) else { return false }
        if case .browsed(let browsed, let catalog)? = reply {
            effects.append(.browsed(tag, browsed, catalog))
        } else {
            effects.append(.browsed(tag, nil, Catalog()))
        }
        return true
    }

    /// The router is lost.
    mutating func end(_ effects: inout [AgentSession.Effect]) {
        for call in tags.keys.sorted() { _ = settle(call, nil, &effects) }
    }
}

extension AgentAction {
    /// Somebody else is being asked for the ticket: the agent is told, and may choose another.
    var isTake: Bool { if case .take = self { true } else { false } }
}
