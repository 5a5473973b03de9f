/// The ledger's tickets by their numbers, in pages of 32 numbers and blocks of 1,024 pages.
///
/// Numbers are given one after the other, so a place needs no hashing and the order of the pages is that of the
/// tickets. No operation touches more than a page and the list of a block's pages: neither growth nor a copy of the
/// whole store, held for a snapshot, makes a turn long. An empty page takes 16 bytes, an empty block 16.
package struct TicketStore: Sendable {
    struct Page: Sendable {
        /// Bit n: the page's n-th number is a live ticket.
        var live: UInt32 = 0
        /// The live ones in the order of their numbers.
        var rows: [LedgerTicket] = []
    }
    struct Block: Sendable {
        var pages: [Page] = []
        var count = 0
    }
    private static let pagesPerBlock = 1_024

    private(set) var blocks: [Block] = []
    package private(set) var count = 0

    package init() {}

    package func contains(_ id: TicketID) -> Bool { place(of: id) != nil }

    /// Whether the ticket waits, under this fence.
    package func waits(_ id: TicketID, under fence: Fence) -> Bool {
        read(id) { $0.state == .waiting && $0.fence == fence } ?? false
    }

    package subscript(id: TicketID) -> LedgerTicket? {
        guard let place = place(of: id) else { return nil }
        return blocks[place.block].pages[place.page].rows[place.row]
    }

    /// Looks at a live ticket where it is; the subscript copies it, which counts references to all its texts and lists.
    @inline(__always)
    func read<Result>(_ id: TicketID, _ body: (borrowing LedgerTicket) -> Result) -> Result? {
        guard let place = place(of: id) else { return nil }
        // By a span: an array gives a copy of what is in it to a look that calls others.
        let rows = blocks[place.block].pages[place.page].rows
        return body(rows.span[place.row])
    }

    /// All live tickets in order of their numbers: for checks, not for every turn.
    package var all: [LedgerTicket] { blocks.flatMap { $0.pages.flatMap(\.rows) } }

    /// All live tickets in order of their numbers, one at a time.
    package func forEach(_ body: (borrowing LedgerTicket) -> Void) {
        // By place: a loop over pages counts references to each.
        for block in blocks.indices where blocks[block].count > 0 {
            for page in blocks[block].pages.indices where blocks[block].pages[page].live != 0 {
                let rows = blocks[block].pages[page].rows
                for row in rows.indices { body(rows.span[row]) }
            }
        }
    }

    /// The live tickets with higher numbers, in order, as long as `body` wants more.
    func walk(after first: TicketID, _ body: (borrowing LedgerTicket) -> Bool) {
        guard first.value < UInt64(blocks.count) << 15 else { return }
        let start = Int(first.value)
        for block in (start >> 15)..<blocks.count where blocks[block].count > 0 {
            let pages = block == start >> 15 ? (start >> 5 & 1_023)..<Self.pagesPerBlock : 0..<Self.pagesPerBlock
            for page in pages where blocks[block].pages[page].live != 0 {
                let rows = blocks[block].pages[page].rows
                for row in rows.indices where rows.span[row].id > first && !body(rows.span[row]) { return }
            }
        }
    }

    /// Where each live ticket stands, in order of their numbers; without a copy of any.
    func forEachPlace(_ body: (TicketID, TicketState, GroupID) -> Void) {
        for block in blocks {
            for page in block.pages {
                for row in page.rows.indices { body(page.rows[row].id, page.rows[row].state, page.rows[row].group) }
            }
        }
    }

    /// The live ticket that was opened first.
    var firstID: TicketID? {
        for block in blocks where block.count > 0 {
            for page in block.pages { if let first = page.rows.first { return first.id } }
        }
        return nil
    }

    /// With a higher number than all before it, or one that is free.
    mutating func insert(_ ticket: LedgerTicket) {
        let number = Int(ticket.id.value)
        let (block, page) = (number >> 15, number >> 5 & 1_023)
        makeBlock(block)
        let bit = UInt32(1) << UInt32(number & 31)
        let live = blocks[block].pages[page].live
        invariant(live & bit == 0, "ticket \(number) opened twice")
        blocks[block].pages[page].rows.insert(ticket, at: (live & (bit - 1)).nonzeroBitCount)
        blocks[block].pages[page].live = live | bit
        blocks[block].count += 1
        count += 1
    }

    /// A page of tickets as a `Walk` gave it, not copied, if they are one, in their order, and theirs is empty; else
    /// false, and nothing is changed.
    mutating func insert(page rows: [LedgerTicket]) -> Bool {
        guard let first = rows.first?.id.value else { return false }
        var live: UInt32 = 0
        for place in rows.indices {
            let number = rows[place].id.value
            let bit = UInt32(1) << UInt32(number & 31)
            guard number >> 5 == first >> 5, live < bit else { return false }
            live |= bit
        }
        let (block, page) = (Int(first >> 15), Int(first >> 5 & 1_023))
        makeBlock(block)
        guard blocks[block].pages[page].live == 0 else { return false }
        blocks[block].pages[page] = Page(live: live, rows: rows)
        blocks[block].count += rows.count
        count += rows.count
        return true
    }

    private mutating func makeBlock(_ block: Int) {
        while blocks.count <= block { blocks.append(Block()) }
        if blocks[block].pages.isEmpty {
            blocks[block].pages = [Page](repeating: Page(), count: Self.pagesPerBlock)
        }
    }

    /// Changes a live ticket in place. Ends the process if there is none: only recorded outcomes come here.
    mutating func change(_ id: TicketID, _ body: (inout LedgerTicket) -> Void) {
        guard let place = place(of: id) else {
            invariant(false, "an outcome for ticket \(id.value), which is not live")
            return
        }
        body(&blocks[place.block].pages[place.page].rows[place.row])
    }

    mutating func remove(_ id: TicketID) -> LedgerTicket? {
        guard let place = place(of: id) else { return nil }
        let bit = UInt32(1) << UInt32(id.value & 31)
        blocks[place.block].pages[place.page].live &= ~bit
        let ticket = blocks[place.block].pages[place.page].rows.remove(at: place.row)
        shrink(place.block, place.page)
        blocks[place.block].count -= 1
        if blocks[place.block].count == 0 { blocks[place.block].pages = [] }
        count -= 1
        return ticket
    }

    /// A page of which little is left gives its space back.
    private mutating func shrink(_ block: Int, _ page: Int) {
        let rows = blocks[block].pages[page].rows
        guard rows.count * 4 <= rows.capacity else { return }
        var fewer: [LedgerTicket] = []
        fewer.reserveCapacity(rows.count)
        fewer.append(contentsOf: rows)
        blocks[block].pages[page].rows = fewer
    }

    private func place(of id: TicketID) -> (block: Int, page: Int, row: Int)? {
        guard id.value < UInt64(blocks.count) << 15 else { return nil }
        let number = Int(id.value)
        let (block, page) = (number >> 15, number >> 5 & 1_023)
        guard blocks[block].count > 0 else { return nil }
        let bit = UInt32(1) << UInt32(number & 31)
        let live = blocks[block].pages[page].live
        guard live & bit != 0 else { return nil }
        return (block, page, (live & (bit - 1)).nonzeroBitCount)
    }

    /// The pages in their order, each let go as it is given: so that what changes meanwhile is copied once at most.
    struct Walk: Sendable {
        private var blocks: [Block]
        private var block = 0
        private var page = 0
        init(_ store: TicketStore) { blocks = store.blocks }

        /// The tickets of the next page that has any.
        mutating func next() -> [LedgerTicket]? {
            while block < blocks.count {
                if page == blocks[block].pages.count {
                    blocks[block] = Block()
                    block += 1
                    page = 0
                    continue
                }
                let rows = blocks[block].pages[page].rows
                if !rows.isEmpty { blocks[block].pages[page] = Page() }
                page += 1
                if !rows.isEmpty { return rows }
            }
            return nil
        }
    }
}
