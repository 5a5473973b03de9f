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
        groups[ticket.group.index].add(ticket.state, !ticket.widenings.isEmpty, ticket.priority, 1)
        if isListing && ticket.state == .waiting { waitingIn[ticket.group.index].insert(ticket.id) }
        if isListing && ticket.state == .quarantined { quarantined.insert(ticket.id) }
        tickets.insert(ticket)
    }
}
