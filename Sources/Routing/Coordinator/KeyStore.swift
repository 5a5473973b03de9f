/// The keys of submissions and of commands on tickets: while the ticket lives and 24 h longer, the same key is the same
/// ticket.
/// A key costs about 100 bytes with its place in the Dictionary; at `Limits.keysMax` the oldest of closed tickets
/// leaves.
package struct KeyStore: Equatable, Sendable {
    package struct Row: Equatable, Sendable {
        package let hash: UInt64
        package let ticket: TicketID
        /// The ticket's when it was done: a repeat is answered as the first was.
        package let fence: Fence
    }
    private struct Closed: Equatable, Sendable {
        let key: SubmitKey
        let at: WallTime
    }
    private var rows: [SubmitKey: Row] = [:]
    /// In order of closing; `closedFirst` is the first that is still kept.
    private var closed: [Closed] = []
    private var closedFirst = 0
    /// Keys that left before their time because there were too many.
    package private(set) var forgottenEarly: UInt64 = 0

    package init() {}
    package var count: Int { rows.count }
    /// Whether a new key finds room: there is some, or some closed ticket's key can leave.
    package var hasRoom: Bool { rows.count < Limits.keysMax || closedFirst < closed.count }

    package subscript(key: SubmitKey) -> Row? { rows[key] }

    mutating func keep(_ key: SubmitKey, hash: UInt64, ticket: TicketID, fence: Fence = Fence(1)) {
        if rows.count >= Limits.keysMax && closedFirst < closed.count {
            forgetFirst()
            forgottenEarly += 1
        }
        rows[key] = Row(hash: hash, ticket: ticket, fence: fence)
    }

    /// A key that nobody asks for again.
    mutating func drop(_ key: SubmitKey) { rows[key] = nil }

    mutating func close(_ key: SubmitKey, at wall: WallTime) { closed.append(Closed(key: key, at: wall)) }

    /// Lets go what has been closed for longer than `Limits.keyLife`.
    mutating func forget(before wall: WallTime) {
        while closedFirst < closed.count && closed[closedFirst].at + Limits.keyLife < wall { forgetFirst() }
    }

    private mutating func forgetFirst() {
        rows[closed[closedFirst].key] = nil
        closedFirst += 1
        if closedFirst > 1024 && closedFirst * 2 > closed.count {
            closed.removeFirst(closedFirst)
            closedFirst = 0
        }
    }
}

/// The last closed tickets, without their text, so that their way can still be shown.
package struct ClosedTickets: Equatable, Sendable {
    private var rows: [TicketID: TicketRecord] = [:]
    private var order: [TicketID] = []
    private var first = 0

    package subscript(id: TicketID) -> TicketRecord? { rows[id] }

    mutating func keep(_ record: TicketRecord) {
        rows[record.ticket] = record
        order.append(record.ticket)
        if rows.count > Limits.closedKeptMax {
            rows[order[first]] = nil
            first += 1
        }
        if first > 1024 && first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }
}

/// Who last resolved a ticket of each customer, for as many customers as `Limits.customersKept`; whoever was served
/// longest ago is forgotten first.
package struct CustomerStore: Equatable, Sendable {
    private struct Row: Equatable, Sendable {
        var agent: AgentID
        var turn: UInt64
    }
    private var rows: [String: Row] = [:]
    /// In order of service; an entry counts if it is the customer's last.
    private var order: [(customer: String, turn: UInt64)] = []
    private var first = 0
    private var turnLast: UInt64 = 0

    package init() {}
    package var count: Int { rows.count }
    package subscript(customer: String) -> AgentID? { rows[customer]?.agent }

    package static func == (a: CustomerStore, b: CustomerStore) -> Bool { a.rows == b.rows }

    mutating func note(_ agent: AgentID, for customer: String) {
        guard !customer.isEmpty else { return }
        turnLast += 1
        rows[customer] = Row(agent: agent, turn: turnLast)
        order.append((customer, turnLast))
        while first < order.count && (rows.count > Limits.customersKept || isStale(order[first])) {
            if !isStale(order[first]) { rows[order[first].customer] = nil }
            first += 1
        }
        if first > 1024 && first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
        // A few customers who come again and again must not make the list long.
        if order.count > 4 * Limits.customersKept {
            order = order.filter { !isStale($0) }
            first = 0
        }
    }

    private func isStale(_ entry: (customer: String, turn: UInt64)) -> Bool {
        rows[entry.customer]?.turn != entry.turn
    }
}
