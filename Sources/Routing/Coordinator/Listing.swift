/// What waits in a region, for its owner: what changed since it heard last, or a list in parts.
extension Coordinator {
    func changes(in region: RegionID, _ member: Membership.Member, _ news: News) -> RegionChanges? {
        let isNew = (member.ownsSince[region] ?? .zero) > news.cursor
        let changed = isNew || news.cursor == .zero ? nil : members.changes(in: region, after: news.cursor)
        let wanted = news.listing.first { $0.region == region }?.after
        var waiting: [WaitingTicket] = []
        var noLonger: [Departed] = []
        for id in changed ?? [] {
            let known = ledger.tickets.read(id) { isWaiting($0, in: region) ? $0.waiting : nil } ?? nil
            if let known {
                waiting.append(known)
            } else {
                let holder = ledger.tickets.read(id) { $0.state.holder } ?? nil
                noLonger.append(Departed(ticket: id, holder: holder))
            }
        }
        var listed: TicketRange?
        if member.router.speaks < 2 {
            // Version 1 knows no parts.
            if changed == nil { listed = list(region, after: TicketID(0), atMost: .max, &waiting) }
        } else if changed == nil || wanted != nil && news.isOfPoll {
            let count = news.isOfPoll || wanted == nil ? points.bound(Limits.ticketsListedMax, .fewListed) : 0
            listed = list(region, after: wanted ?? TicketID(0), atMost: count, &waiting)
        }
        if listed == nil && waiting.isEmpty && noLonger.isEmpty { return nil }
        return RegionChanges(
            region: region, isAnew: changed == nil, listed: listed, waiting: waiting, noLonger: noLonger)
    }

    /// Adds so many of those that wait in the region, in order of their numbers, and says of which numbers these are
    /// all.
    private func list(
        _ region: RegionID, after first: TicketID, atMost count: Int, _ waiting: inout [WaitingTicket]
    ) -> TicketRange {
        var (found, looked) = (0, 0)
        var through = TicketID(.max)
        let lookedMax = count == .max ? .max : Limits.ticketsLookedAtMax
        ledger.tickets.walk(after: first) { ticket in
            guard found < count, looked < lookedMax else { return false }
            looked += 1
            through = ticket.id
            let isForgotten = flaws.contains(.wideningLost) && policy.group(ticket.group)?.region != region
            guard isWaiting(ticket, in: region), !isForgotten else { return true }
            waiting.append(ticket.waiting)
            found += 1
            return true
        }
        let isWhole = found < count && looked < lookedMax
        return TicketRange(after: first, through: isWhole ? TicketID(.max) : looked == 0 ? first : through)
    }

    private func isWaiting(_ ticket: borrowing LedgerTicket, in region: RegionID) -> Bool {
        guard ticket.state == .waiting else { return false }
        return policy.group(ticket.group)?.region == region
            || ticket.widened.contains { policy.group($0)?.region == region }
    }
}
