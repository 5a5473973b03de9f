/// All that a waiting ticket asks of an agent: tickets of equal demand can be taken by the same agents.
package struct Demand: Hashable, Sendable {
    package let signature: Signature
    package let cost: Cost
    package let channel: String
    package init(_ signature: Signature, cost: Cost = .one, channel: String = "") {
        self.signature = signature
        self.cost = cost
        self.channel = channel
    }
}

extension WaitingTicket {
    package var demand: Demand { Demand(signature, cost: cost, channel: channel) }
}

/// A demand's number while a ticket of this router has it.
struct DemandID: Numbered, Sendable {
    let value: UInt32
    init(_ value: UInt32) { self.value = value }
    var index: Int { Int(value) }
}

/// Each demand once, however many tickets have it; a number is free again when the last of them has gone.
struct DemandTable: Sendable {
    private var demands: [Demand] = []
    private var uses: [UInt32] = []
    private var numbers: [Demand: DemandID] = [:]
    private var free: [DemandID] = []

    var count: Int { numbers.count }
    subscript(id: DemandID) -> Demand { demands[id.index] }

    mutating func take(_ demand: Demand) -> DemandID {
        if let known = numbers[demand] {
            uses[known.index] += 1
            return known
        }
        let id = free.popLast() ?? DemandID(UInt32(demands.count))
        if id.index == demands.count {
            demands.append(demand)
            uses.append(1)
        } else {
            demands[id.index] = demand
            uses[id.index] = 1
        }
        numbers[demand] = id
        return id
    }

    /// One more has it.
    mutating func share(_ id: DemandID) { uses[id.index] += 1 }

    mutating func giveBack(_ id: DemandID) {
        invariant(uses[id.index] > 0, "demand \(id.value) is given back once too often")
        uses[id.index] -= 1
        guard uses[id.index] == 0 else { return }
        numbers[demands[id.index]] = nil
        demands[id.index] = Demand(Signature([]))
        free.append(id)
    }
}

/// Which skills, whatever the level, in 128 bits: an agent whose mask does not cover a ticket's lacks a skill. Catalogs
/// of more than 128 skills share bits, so whoever covers is still looked at exactly.
struct SkillMask: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}
    init(_ skills: [SkillLevel]) { for skill in skills { add(skill.skill) } }
    init(_ signature: Signature) {
        for requirement in signature.requirements where !requirement.isPreferred { add(requirement.skill) }
    }

    func covers(_ other: SkillMask) -> Bool { (other.low & ~low) | (other.high & ~high) == 0 }

    /// In 32 bits: whoever covers, covers folded too.
    var folded: UInt32 {
        let both = low | high
        return UInt32(truncatingIfNeeded: both) | UInt32(truncatingIfNeeded: both >> 32)
    }

    private mutating func add(_ skill: SkillID) {
        if skill.value & 64 == 0 { low |= 1 << UInt64(skill.value & 63) } else { high |= 1 << UInt64(skill.value & 63) }
    }
}

/// How many of a group's ready agents have a skill at which level: what the best of them can be worth to a ticket.
struct LevelCounts: Sendable {
    /// The levels 0...10; whatever else gossip may say counts as the last.
    private static let width = 12
    private var rows: [SkillID: Int] = [:]
    private var counts: [UInt32] = []

    mutating func add(_ skills: [SkillLevel]) { for skill in skills { counts[place(of: skill)] += 1 } }
    mutating func remove(_ skills: [SkillLevel]) { for skill in skills { counts[place(of: skill)] -= 1 } }

    private mutating func place(of skill: SkillLevel) -> Int {
        let level = min(Int(skill.level), Self.width - 1)
        if let row = rows[skill.skill] { return row + level }
        let row = counts.count
        rows[skill.skill] = row
        counts += [UInt32](repeating: 0, count: Self.width)
        return row + level
    }

    private func top(of skill: SkillID) -> Int? {
        guard let row = rows[skill] else { return nil }
        guard let top = (0..<Self.width).last(where: { counts[row + $0] > 0 }) else { return nil }
        return top == Self.width - 1 ? Int(UInt8.max) : top
    }

    /// No ready agent's levels add up to more. Nil when nobody meets one of the requirements.
    func bound(_ signature: Signature) -> Int? {
        var sum = 0
        for (index, requirement) in signature.requirements.enumerated() {
            let top = top(of: requirement.skill)
            if !requirement.isPreferred && (top ?? -1) < Int(requirement.levelMin) { return nil }
            if !signature.repeats(index) { sum += top ?? 0 }
        }
        return sum
    }

    func isSame(as other: LevelCounts) -> Bool {
        let skills = Set(rows.keys).union(other.rows.keys)
        return skills.allSatisfy { skill in
            (0..<Self.width).allSatisfy { level in count(skill, level) == other.count(skill, level) }
        }
    }
    private func count(_ skill: SkillID, _ level: Int) -> UInt32 { rows[skill].map { counts[$0 + level] } ?? 0 }
}

extension Signature {
    /// Whether the requirement's skill is that of the one before it: named twice, it counts once.
    func repeats(_ index: Int) -> Bool { index > 0 && requirements[index - 1].skill == requirements[index].skill }

    /// What `bestSkilled` ranks by.
    func sumOfLevels(in skills: [SkillLevel]) -> Int {
        var sum = 0
        for (index, requirement) in requirements.enumerated() where !repeats(index) {
            var level: UInt8 = 0
            for skill in skills where skill.skill == requirement.skill { level = max(level, skill.level) }
            sum += Int(level)
        }
        return sum
    }
}
