/// A place in the production code where, in some simulated worlds and nowhere else, a bound is small or somebody is
/// hasty, so that a branch that is rare in life is taken all the time (the fault points of FoundationDB: Zhou et al.,
/// SIGMOD 2021). Whatever is switched on, every promise must be kept.
///
/// Each is at the places that name it; what is written there without the point is what production does.
package enum Point: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// The coordinator remembers few changes, and tells routers everything in place of news.
    case fewChangesKept
    /// A router sends its commands in batches of two.
    case smallBatches
    /// A router has one batch on its way at a time.
    case oneBatch
    /// A router is busy when few commands wait.
    case fewCommandsWaiting
    /// A router has one attach decided at a time.
    case fewAttaches
    /// The coordinator fires few timers a turn.
    case fewTimers
    /// The coordinator looks at one ticket a turn when hours, duty or policy have changed, or lives end.
    case fewReviews
    /// The coordinator counts one ticket's clocks anew a turn after a change of policy.
    case fewRecounts
    /// An answer to a poll has one agent's view.
    case fewViews
    /// A region is handed over with one ticket's offers and exclusions.
    case fewReleased
    /// A group's tickets of one signature have a lane of their own, all others none.
    case fewLanes
    /// The coordinator moves one region a turn.
    case fewRegionsMoved
    /// A router that drains moves one session at a time.
    case fewSessionsMoved
    /// Routers tell the coordinator of one agent's tickets with each poll, and begin anew at once.
    case fewLoads
    /// A router changes one agent's shift a turn.
    case fewShifts
    /// A snapshot is written and read back in very small slices, so that much changes meanwhile.
    case smallSlices
    /// A router gives a quarter of its questions up early, whose answers then come for nobody.
    case hastyAsks
    /// The coordinator lists what waits in a region in small parts. For tests of that: no world draws it yet, as
    /// checkers' bounds do not know how long a list may take where messages are slow.
    case fewListed

    /// The bound there; for `hastyAsks` milliseconds.
    fileprivate var bound: Int {
        switch self {
        case .oneBatch, .fewAttaches, .fewReviews, .fewRecounts, .fewViews, .fewReleased, .fewLanes, .fewRegionsMoved,
            .fewSessionsMoved, .fewLoads, .fewShifts:
            1
        case .fewChangesKept, .smallBatches, .fewTimers: 2
        case .fewCommandsWaiting: 16
        case .fewListed: 32
        case .smallSlices: 512
        case .hastyAsks: 80
        }
    }

    /// As in "few changes kept".
    package var description: String {
        switch self {
        case .fewChangesKept: "few changes kept"
        case .smallBatches: "small batches"
        case .oneBatch: "one batch"
        case .fewCommandsWaiting: "few commands waiting"
        case .fewAttaches: "few attaches"
        case .fewTimers: "few timers"
        case .fewReviews: "few reviews"
        case .fewRecounts: "few recounts"
        case .fewViews: "few views"
        case .fewReleased: "few released"
        case .fewLanes: "few lanes"
        case .fewRegionsMoved: "few regions moved"
        case .fewSessionsMoved: "few sessions moved"
        case .fewLoads: "few loads"
        case .fewShifts: "few shifts"
        case .smallSlices: "small slices"
        case .hastyAsks: "hasty asks"
        case .fewListed: "few listed"
        }
    }
}

/// The points that are switched on: none, but in worlds.
package struct Points: Equatable, Sendable {
    private var bits: UInt32 = 0
    package static let none = Points([])

    package init(_ points: [Point]) { for point in points { bits |= 1 << UInt32(point.rawValue) } }

    package func contains(_ point: Point) -> Bool { bits & 1 << UInt32(point.rawValue) != 0 }

    /// In the order of their declaration.
    package var all: [Point] { Point.allCases.filter { contains($0) } }

    /// After how long a question is given up at `hastyAsks`.
    package var hastyPatience: Interval { Interval(milliseconds: UInt64(Point.hastyAsks.bound)) }

    /// The usual bound, or the small one of that point.
    package func bound(_ usual: Int, _ point: Point) -> Int { contains(point) ? min(usual, point.bound) : usual }
}
