/// Why a ticket still waits, as its region's owner sees it now: computed when asked, from the same facts that matching
/// uses.
package struct TicketExplanation: Equatable, Sendable {
    /// Of the ticket within its own group, by rank; 1 is next.
    package let position: UInt32
    package let waited: Interval
    /// Nil while too few tickets have left the queue to tell.
    package let estimate: WaitEstimate?
    package let phase: Phase
    /// What is asked for now, after relaxation.
    package let signature: Signature
    /// After how much more waiting less will do; nil when nothing more is given up.
    package let relaxesIn: Interval?
    /// The ticket's own group first, then those it was widened to, as far as the asked router owns them.
    package let groups: [GroupExplanation]

    package enum Phase: Equatable, Sendable {
        case queued
        /// To these at once.
        case offered([AgentID])
        /// Another region's owner has been asked to offer it.
        case claiming(AgentID)
        /// Its group offers nothing: an agent has to take it.
        case waitsToBeTaken
    }

    package init(
        position: UInt32, waited: Interval, estimate: WaitEstimate?, phase: Phase, signature: Signature,
        relaxesIn: Interval?, groups: [GroupExplanation]
    ) {
        self.position = position
        self.waited = waited
        self.estimate = estimate
        self.phase = phase
        self.signature = signature
        self.relaxesIn = relaxesIn
        self.groups = groups
    }
}

/// What keeps an agent from a ticket, the first that applies in the order of the cases; `offShift` comes where
/// `resting` does.
package enum Obstacle: UInt8, Sendable, CaseIterable {
    /// He lacks a skill, or has it at too low a level.
    case lacksSkill = 1
    /// Nobody speaks for him.
    case absent = 2
    /// His home router has not been heard from: he is unreachable from here, and may be at work for others.
    case cutOff = 14
    case away = 3
    case draining = 4
    case notResponding = 5
    case unreachable = 6
    /// His fair share is reached, or his status flaps.
    case resting = 7
    /// He declined it, or let it pass, not long ago.
    case excluded = 8
    /// He has no free units for it, or may have no more of its channel.
    case full = 9
    /// A reservation just failed; he is left alone for a moment.
    case blocked = 10
    /// It waits for the agent who knows the customer, for a while.
    case kept = 13
    /// Nothing: he could have it now.
    case none = 11
    /// It is outside of his hours.
    case offShift = 12
}

/// How many of a group's members are kept from a ticket by what.
package struct GroupExplanation: Equatable, Sendable {
    package struct Part: Equatable, Sendable {
        package let obstacle: Obstacle
        package let count: UInt32
        /// The first five.
        package let examples: [AgentID]
        package init(obstacle: Obstacle, count: UInt32, examples: [AgentID]) {
            self.obstacle = obstacle
            self.count = count
            self.examples = examples
        }
    }
    package let group: GroupID
    package let members: UInt32
    /// In the order of `Obstacle`; only those that apply to somebody.
    package let parts: [Part]
    package init(group: GroupID, members: UInt32, parts: [Part]) {
        self.group = group
        self.members = members
        self.parts = parts
    }
}

/// Why an agent gets nothing: what the asked router knows of him, and what waits in the queues it owns.
package struct AgentExplanation: Equatable, Sendable {
    package struct Queue: Equatable, Sendable {
        package let group: GroupID
        package let waiting: UInt32
        /// Waiting tickets that he could take, were he free.
        package let fitting: UInt32
        /// Those he declined or let pass not long ago.
        package let excluded: UInt32
        /// The skill that most of the others lack in him; nil when there is none.
        package let lacking: Requirement?
        package init(group: GroupID, waiting: UInt32, fitting: UInt32, excluded: UInt32, lacking: Requirement?) {
            self.group = group
            self.waiting = waiting
            self.fitting = fitting
            self.excluded = excluded
            self.lacking = lacking
        }
    }
    /// Outside of whose hours it is, and when they begin again; nil when that is not known.
    package struct OffShift: Equatable, Sendable {
        package let calendar: String
        /// The time zone in which to say it.
        package let zone: String
        package let until: WallTime?
        package init(calendar: String, zone: String, until: WallTime?) {
            self.calendar = calendar
            self.zone = zone
            self.until = until
        }
    }
    package let obstacle: Obstacle
    package let load: UInt32
    package let capacity: UInt32
    package let idle: Interval
    /// Tickets he was given in the window that counts.
    package let given: UInt32
    package let queues: [Queue]
    /// Only with the obstacle `offShift`.
    package let offShift: OffShift?
    package init(
        obstacle: Obstacle, load: UInt32, capacity: UInt32, idle: Interval, given: UInt32, queues: [Queue],
        offShift: OffShift? = nil
    ) {
        self.obstacle = obstacle
        self.load = load
        self.capacity = capacity
        self.idle = idle
        self.given = given
        self.queues = queues
        self.offShift = offShift
    }
}

/// A question for a reason, and its answer.
package enum ExplainRequest: Equatable, Sendable {
    case ticket(TicketID)
    case agent(AgentID)
}

package enum Explained: Equatable, Sendable {
    case ticket(TicketExplanation)
    case agent(AgentExplanation)
    /// The asked router does not own the ticket's queue.
    case notHere
}
