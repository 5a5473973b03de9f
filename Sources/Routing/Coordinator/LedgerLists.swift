/// Lists of tickets that are made from the tickets: which wait in a group, which are in quarantine.
extension Ledger {
    /// An empty one that is only folded, and lists no tickets before `list()`: millions of records move a ticket in and
    /// out of its group's list, and one look at all tickets at the end says as much.
    package init(unlisted: Void) {
        self.init()
        isListing = false
    }

    /// Lists the tickets that wait, and those in quarantine, if that was left for later.
    package mutating func list() {
        guard !isListing else { return }
        isListing = true
        listGroups()
        tickets.forEachPlace { id, state, group in
            if state == .waiting { waitingIn[group.index].insert(id) }
            if state == .quarantined { quarantined.insert(id) }
        }
    }

    /// A list for each group there is.
    mutating func listGroups() {
        while isListing && waitingIn.count < groups.count { waitingIn.append(SortedChunks()) }
    }

    /// A ticket that was not there, and is where its state says.
    mutating func add(_ ticket: LedgerTicket) {
        count(ticket)
        tickets.insert(ticket)
    }

    /// Takes a ticket that came in into its group's count, and into the list that it belongs to.
    mutating func count(_ ticket: borrowing LedgerTicket) {
        groups[ticket.group.index].add(ticket.state, !ticket.widenings.isEmpty, ticket.priority, 1)
        if isListing && ticket.state == .waiting { waitingIn[ticket.group.index].insert(ticket.id) }
        if isListing && ticket.state == .quarantined { quarantined.insert(ticket.id) }
    }

    /// Looks at what the record is about, and changes nothing; the number says nothing.
    ///
    /// What records change lies all over a memory of a gigabyte. A processor that comes to it by and by waits for each
    /// place; one that looks at many records' places first waits for many at once, since no look depends on another
    /// (group prefetching: Chen et al., ICDE 2004). The number keeps the looks from being left out as useless.
    @inline(__always)
    package func look(at record: borrowing LedgerRecord) -> Int {
        guard let ticket = record.ticket else { return 0 }
        return tickets.read(ticket) { $0.look } ?? 0
    }
}
