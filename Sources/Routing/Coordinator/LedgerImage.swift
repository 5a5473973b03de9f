/// A part of the ledger's whole state, as a snapshot has it; a few dozen kilobytes as a rule.
package enum LedgerRow: Equatable, Sendable {
    /// The first one.
    case head(LedgerHead)
    /// What counts cannot be made from the tickets, by `GroupID.index`.
    case groups([GroupCount.Past])
    /// By `AgentID.index`.
    case agents([LedgerAgent])
    /// By their numbers.
    case tickets([LedgerTicket])
    /// Shard by shard, sorted within.
    case keys([KeyStore.Kept])
    /// In order of closing.
    case closedKeys([KeyStore.Closed])
    /// In order of service.
    case customers([CustomerStore.Served])
}

/// What is there once in a ledger.
package struct LedgerHead: Equatable, Sendable {
    package var lsn = LSN.zero
    package var wall = WallTime(milliseconds: 0)
    package var reign: UInt32 = 0
    package var policyVersion: UInt32 = 0
    package var policyText = ""
    package var catalog = Catalog()
    package var ticketsOpened: UInt64 = 0
    package var ticketsClosed: UInt64 = 0
    package var ticketsWidened: UInt64 = 0
    package var routers: [RouterInfo] = []
    package var draining: [Incarnation] = []
    package var incarnationLast = Incarnation.none
    package var owners: [RegionOwner] = []
    package var chosen: [RegionID] = []
    package var keysForgottenEarly: UInt64 = 0
    package var alerts: UInt64 = 0
    package init() {}
}

/// The whole state of a ledger at one moment, given row by row while the ledger goes on.
///
/// It is a copy of the ledger's tables, of which only what changes meanwhile is really copied: a page of 32 tickets, a
/// shard of the keys. What was given is let go, so the copies live no longer than they must. Equal states give equal
/// rows in equal order, whatever way led to them.
package struct LedgerImage: Sendable {
    private static let agentsPerRow = 64
    private static let groupsPerRow = 64
    private static let entriesPerRow = 512

    package let lsn: LSN
    /// All tickets there were at that moment; for progress.
    package let tickets: Int
    private var head: LedgerHead?
    private var groups: ArraySlice<GroupCount>
    private var agents: ArraySlice<LedgerAgent>
    private var pages: TicketStore.Walk
    private var keys: Shards<SubmitKey, KeyStore.Row>.Walk
    private var closedKeys: LongQueue<KeyStore.Closed>
    private var customers: LongQueue<CustomerStore.Served>

    package init(of ledger: Ledger) {
        lsn = ledger.lsn
        tickets = ledger.tickets.count
        head = ledger.head
        groups = ledger.groups[...]
        agents = ledger.agents[...]
        pages = TicketStore.Walk(ledger.tickets)
        keys = Shards.Walk(ledger.keys.rows)
        closedKeys = ledger.keys.closed
        customers = ledger.customers.order
    }

    /// The next part; nil after the last one.
    package mutating func next() -> LedgerRow? {
        if let head = head.take() { return .head(head) }
        if !groups.isEmpty {
            defer { groups = groups.dropFirst(Self.groupsPerRow) }
            return .groups(groups.prefix(Self.groupsPerRow).map(\.past))
        }
        if !agents.isEmpty {
            defer { agents = agents.dropFirst(Self.agentsPerRow) }
            return .agents([LedgerAgent](agents.prefix(Self.agentsPerRow)))
        }
        if let rows = pages.next() { return .tickets(rows) }
        if let rows = keys.next() {
            return .keys(rows.map { KeyStore.Kept(key: $0.key, row: $0.value) }.sorted { $0.key < $1.key })
        }
        if !closedKeys.isEmpty { return .closedKeys(closedKeys.removeFirst(atMost: Self.entriesPerRow)) }
        if !customers.isEmpty { return .customers(customers.removeFirst(atMost: Self.entriesPerRow)) }
        return nil
    }

    /// All rows at once: for tests, and for small states.
    package static func rows(of ledger: Ledger) -> [LedgerRow] {
        var image = LedgerImage(of: ledger)
        var rows: [LedgerRow] = []
        while let row = image.next() { rows.append(row) }
        return rows
    }
}

extension Ledger {
    fileprivate var head: LedgerHead {
        var head = LedgerHead()
        head.lsn = lsn
        head.wall = wall
        head.reign = reign
        head.policyVersion = policyVersion
        head.policyText = policyText
        head.catalog = catalog
        head.ticketsOpened = ticketsOpened
        head.ticketsClosed = ticketsClosed
        head.ticketsWidened = ticketsWidened
        head.routers = routers
        head.draining = draining
        head.incarnationLast = incarnationLast
        head.owners = owners
        head.chosen = chosen
        head.keysForgottenEarly = keys.forgottenEarly
        head.alerts = alerts
        return head
    }

    /// Takes in the next row of an image; an empty ledger begins with the head. False if the row cannot follow from
    /// what was taken so far: then this is no ledger's image.
    package mutating func restore(_ row: LedgerRow) -> Bool {
        switch row {
        case .head(let head): return restore(head)
        case .groups(let past):
            guard groups.count + past.count <= catalog.groups.count else { return false }
            for past in past { groups.append(GroupCount(past)) }
            listGroups()
        case .agents(let rows):
            guard agents.count + rows.count <= catalog.agents.count else { return false }
            agents += rows
        case .tickets(let rows): return restore(rows)
        case .keys(let rows): for kept in rows { keys.restore(kept.key, kept.row) }
        case .closedKeys(let rows): for closed in rows { keys.close(closed.key, at: closed.at) }
        case .customers(let rows): for served in rows { customers.restore(served) }
        }
        return true
    }

    private mutating func restore(_ head: LedgerHead) -> Bool {
        guard lsn == .zero, head.lsn > .zero, head.owners.count == head.catalog.regions.count else { return false }
        lsn = head.lsn
        wall = head.wall
        reign = head.reign
        policyVersion = head.policyVersion
        policyText = head.policyText
        catalog = head.catalog
        ticketsOpened = head.ticketsOpened
        ticketsClosed = head.ticketsClosed
        ticketsWidened = head.ticketsWidened
        routers = head.routers
        draining = head.draining
        incarnationLast = head.incarnationLast
        owners = head.owners
        chosen = head.chosen
        keys.forgottenEarly = head.keysForgottenEarly
        alerts = head.alerts
        return true
    }

    private mutating func restore(_ rows: [LedgerTicket]) -> Bool {
        for place in rows.indices {
            guard rows[place].id.value <= ticketsOpened, rows[place].group.index < groups.count else { return false }
        }
        if tickets.insert(page: rows) {
            for place in rows.indices { count(rows[place]) }
            return true
        }
        for row in rows {
            guard tickets[row.id] == nil else { return false }
            add(row)
        }
        return true
    }
}

extension SubmitKey: Comparable {
    package static func < (a: SubmitKey, b: SubmitKey) -> Bool {
        a.high != b.high ? a.high < b.high : a.low < b.low
    }
}
