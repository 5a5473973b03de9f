/// The keys of submissions and of commands on tickets: while the ticket lives and 24 h longer, the same key is the same
/// ticket.
/// A key costs about 100 bytes with its place in the Dictionary; at `Limits.keysMax` the oldest of closed tickets
/// leaves.
package struct KeyStore: Equatable, Sendable {
    package struct Row: Equatable, Sendable {
        package let hash: UInt64
        package let ticket: TicketID
        /// As the answer to the first command under the key had it.
        package let fence: Fence
        package init(hash: UInt64, ticket: TicketID, fence: Fence = Fence(1)) {
            self.hash = hash
            self.ticket = ticket
            self.fence = fence
        }
    }
    /// The key of a ticket that was closed then.
    package struct Closed: Equatable, Sendable {
        package let key: SubmitKey
        package let at: WallTime
        package init(key: SubmitKey, at: WallTime) {
            self.key = key
            self.at = at
        }
    }
    /// A key with what is known of it.
    package struct Kept: Equatable, Sendable {
        package let key: SubmitKey
        package let row: Row
        package init(key: SubmitKey, row: Row) {
            self.key = key
            self.row = row
        }
    }
    private(set) var rows = Shards<SubmitKey, Row>()
    /// In order of closing.
    private(set) var closed = LongQueue<Closed>()
    /// Keys that left before their time because there were too many.
    package internal(set) var forgottenEarly: UInt64 = 0

    package init() {}
    package var count: Int { rows.count }
    /// Whether a new key finds room: there is some, or some closed ticket's key can leave.
    package var hasRoom: Bool { rows.count < Limits.keysMax || !closed.isEmpty }

    package subscript(key: SubmitKey) -> Row? { rows[key] }

    mutating func keep(_ key: SubmitKey, hash: UInt64, ticket: TicketID, fence: Fence = Fence(1)) {
        if rows.count >= Limits.keysMax && !closed.isEmpty {
            forgetFirst()
            forgottenEarly += 1
        }
        restore(key, Row(hash: hash, ticket: ticket, fence: fence))
    }

    mutating func restore(_ key: SubmitKey, _ row: Row) { rows[key] = row }

    /// A key that nobody asks for again.
    mutating func drop(_ key: SubmitKey) { rows[key] = nil }

    mutating func close(_ key: SubmitKey, at wall: WallTime) { closed.append(Closed(key: key, at: wall)) }

    /// Lets go what has been closed for longer than `Limits.keyLife`.
    mutating func forget(before wall: WallTime) {
        while let first = closed.first, first.at + Limits.keyLife < wall { forgetFirst() }
    }

    private mutating func forgetFirst() {
        if let first = closed.removeFirst() { rows[first.key] = nil }
    }
}

/// The last closed tickets, without their text, so that their way can still be shown.
package struct ClosedTickets: Equatable, Sendable {
    /// A ring; `next` is the oldest once it is full.
    private var records: [TicketRecord] = []
    private var next = 0
    private var places: [TicketID: Int] = [:]

    package subscript(id: TicketID) -> TicketRecord? { places[id].map { records[$0] } }

    /// A ticket that was closed, which happens once.
    mutating func keep(_ whole: TicketRecord) {
        var record = whole
        record.said = whole.said.withoutText
        if records.count < Limits.closedKeptMax {
            places[record.ticket] = records.count
            records.append(record)
        } else {
            places[records[next].ticket] = nil
            places[record.ticket] = next
            records[next] = record
            next = (next + 1) % records.count
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
    /// A customer who was served.
    package struct Served: Equatable, Sendable {
        package let customer: String
        package let agent: AgentID
        package init(customer: String, agent: AgentID) {
            self.customer = customer
            self.agent = agent
        }
    }
    private var rows = Shards<String, Row>()
    /// In order of service; an entry counts if it is the customer's last.
    private(set) var order = LongQueue<Served>()
    /// The number of the last entry; the first one's is that less `order.count - 1`.
    private var turnLast: UInt64 = 0

    package init() {}
    package var count: Int { rows.count }
    package subscript(customer: String) -> AgentID? { rows[customer]?.agent }

    package static func == (a: CustomerStore, b: CustomerStore) -> Bool { a.order == b.order }

    mutating func note(_ agent: AgentID, for customer: String) {
        guard !customer.isEmpty else { return }
        restore(Served(customer: customer, agent: agent))
        while let first = order.first, rows.count > Limits.customersKept || isStale(first) || order.count > entriesMax {
            if !isStale(first) { rows[first.customer] = nil }
            _ = order.removeFirst()
        }
    }

    /// As a snapshot has it; entries come in their order.
    mutating func restore(_ served: Served) {
        turnLast += 1
        rows[served.customer] = Row(agent: served.agent, turn: turnLast)
        order.append(served)
    }

    /// A few customers who come again and again do not make the list long; the longest ago served pay for it.
    private var entriesMax: Int { 4 * Limits.customersKept }

    /// Whether the first entry's customer was served again.
    private func isStale(_ first: Served) -> Bool {
        rows[first.customer]?.turn != turnLast + 1 - UInt64(order.count)
    }
}
