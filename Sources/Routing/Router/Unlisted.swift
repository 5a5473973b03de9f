/// Which numbers of a region's tickets were not listed yet since all that waits there began to be told anew. A part
/// says of its numbers what waits; until all parts are there, what is known of the others may be outdated.
///
/// The parts go round: when it is begun anew in the midst, by a coordinator that remembers less than changes between
/// two polls, the list goes on where it was, and every number has its turn.
struct Unlisted: Sendable {
    /// In the order in which they are asked for; two at most.
    private(set) var ranges: [TicketRange]

    /// All but what comes with the beginning.
    init(but listed: TicketRange) {
        ranges = [
            TicketRange(after: listed.through, through: TicketID(.max)),
            TicketRange(after: TicketID(0), through: listed.after),
        ].filter { !$0.isEmpty }
    }

    var isEmpty: Bool { ranges.isEmpty }
    /// Where the next part is to begin.
    var next: TicketID? { ranges.first?.after }

    mutating func remove(_ listed: TicketRange) {
        ranges = ranges.flatMap { range in
            [
                TicketRange(after: range.after, through: min(range.through, max(range.after, listed.after))),
                TicketRange(after: max(range.after, min(range.through, listed.through)), through: range.through),
            ].filter { !$0.isEmpty }
        }
    }
}

extension Router {
    /// Where the lists of our regions are to go on.
    var listing: [RegionListing] {
        unlisted.isEmpty
            ? []
            : unlisted.keys.sorted { $0.value < $1.value }.compactMap { region in
                unlisted[region]?.next.map { RegionListing(region: region, after: $0) }
            }
    }

    /// Whether lists of our regions are still to come.
    package var isListing: Bool { !unlisted.isEmpty }

    /// Whether what is known of the ticket may be outdated, until the list of that region has come to it.
    package func isUnlisted(_ ticket: TicketID, in region: RegionID) -> Bool {
        unlisted[region]?.ranges.contains { $0.contains(ticket) } ?? false
    }

    /// Takes out what waits no more by a part of a list, and notes what is still to come.
    mutating func learnList(_ changes: RegionChanges, at now: Now, _ effects: inout [Effect]) {
        guard let listed = changes.listed else { return }
        if changes.isAnew {
            unlisted[changes.region] = Unlisted(but: listed)
        } else {
            unlisted[changes.region]?.remove(listed)
        }
        if unlisted[changes.region]?.isEmpty ?? false { unlisted[changes.region] = nil }
        guard !listed.isEmpty else { return }
        let waiting = Set(changes.waiting.map(\.ticket))
        for id in queues.ids(in: listed) where !waiting.contains(id) {
            guard let ticket = queues[id]?.waiting,
                waits(ticket, in: changes.region) || policy.group(ticket.group) == nil,
                !waitsAtHome(id, not: changes.region)
            else { continue }
            forget(id, holder: nil, at: now, &effects)
        }
    }

    private func waits(_ ticket: WaitingTicket, in region: RegionID) -> Bool {
        ([ticket.group] + ticket.widened).contains { policy.group($0)?.region == region }
    }
}

extension Queues {
    /// In order of their numbers.
    fileprivate func ids(in range: TicketRange) -> [TicketID] { slots.keys.filter(range.contains).sorted() }
}
