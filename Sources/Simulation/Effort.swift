/// How much happened in a world: what it costs to play it depends on that, not on how long it was.
package struct Effort: Equatable, Sendable {
    /// Questions that came to a node, and answers that came back.
    package private(set) var messages: UInt64 = 0
    /// Publications that came to a router.
    package private(set) var publications: UInt64 = 0
    /// Times at which a node had asked to be stepped.
    package private(set) var wakes: UInt64 = 0
    /// What programs and people did, and all others.
    package private(set) var others: UInt64 = 0
    /// Turns of nodes.
    package private(set) var coordinatorTurns: UInt64 = 0
    package private(set) var routerTurns: UInt64 = 0
    /// Of the journal.
    package var records: UInt64 = 0

    package init() {}

    package var events: UInt64 { messages + publications + wakes + others }

    mutating func count(_ happening: Happening) {
        switch happening {
        case .request, .answer: messages += 1
        case .published: publications += 1
        case .wake: wakes += 1
        case .overdue, .broken, .hungUp, .diskWorks, .start, .program, .submit, .manage, .question, .faultBegins,
            .faultEnds, .reload:
            others += 1
        }
    }

    mutating func count(turnOf place: Int) {
        if place == 0 { coordinatorTurns += 1 } else { routerTurns += 1 }
    }

    package static func += (sum: inout Effort, more: Effort) {
        sum.messages += more.messages
        sum.publications += more.publications
        sum.wakes += more.wakes
        sum.others += more.others
        sum.coordinatorTurns += more.coordinatorTurns
        sum.routerTurns += more.routerTurns
        sum.records += more.records
    }
}
