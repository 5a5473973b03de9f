/// A group's tickets that could be offered now. Those of equal requirements form a lane, best rank first; a lane stands
/// in the bucket of one skill that it requires, so that a freed agent looks at the heads of the lanes of his own skills
/// and of those that require nothing, never at the others, and a ticket that nobody can take blocks nobody else's.
struct Lanes: Sendable {
    /// Tickets with equal requirements. The head lies beside, not in, the rest: most lanes of a large company hold one
    /// or two tickets, and looking at a head is then one look.
    private struct Lane: Sendable {
        let demand: DemandID
        /// Of the bucket's skill.
        let levelMin: UInt8
        /// What each of its tickets takes of an agent.
        let units: UInt8
        /// Whether the bucket's skill is all it requires.
        let isSimple: Bool
        var head: LaneEntry
        var rest = SortedChunks<LaneEntry>()

        mutating func insert(_ entry: LaneEntry) {
            invariant(entry != head, "ticket \(entry.ticket.value) is in its lane already")
            if entry < head {
                rest.insert(head)
                head = entry
            } else {
                invariant(rest.insert(entry), "ticket \(entry.ticket.value) is in its lane already")
            }
        }

        /// The best that is allowed to the asker; after `Limits.exclusionScanMax` that are not, nothing is.
        func first(where isAllowed: (LaneEntry) -> Bool) -> LaneEntry? {
            if isAllowed(head) { return head }
            var passed = 1
            var found: LaneEntry?
            _ = rest.first { entry in
                if passed == Limits.exclusionScanMax { return true }
                passed += 1
                if isAllowed(entry) { found = entry }
                return found != nil
            }
            return found
        }
    }

    private struct Place: Sendable {
        let bucket: UInt32
        let index: UInt32
    }

    private let most: Int

    /// With so many lanes; `Limits.signaturesPerGroupMax` but for tests.
    init(most: Int = Limits.signaturesPerGroupMax) { self.most = most }

    /// The first is for lanes without requirements.
    private var buckets: [[Lane]] = [[]]
    /// By `SkillID.index`: the skill's bucket, 0 for none.
    private var bucketBySkill: [UInt16] = []
    private var places: [DemandID: Place] = [:]
    /// At the bound of lanes the tickets of further signatures are all in here, in order of rank, and looked at one by
    /// one.
    private(set) var mixed = SortedChunks<Mixed>()

    struct Mixed: Comparable, Sendable {
        let entry: LaneEntry
        let demand: DemandID
        static func < (a: Mixed, b: Mixed) -> Bool { a.entry < b.entry }
        static func == (a: Mixed, b: Mixed) -> Bool { a.entry == b.entry }
    }

    var laneCount: Int { places.count }
    var isEmpty: Bool { places.isEmpty && mixed.isEmpty }

    // MARK: - in and out

    mutating func insert(_ entry: LaneEntry, _ id: DemandID, _ demand: Demand) {
        if let place = places[id] {
            buckets[Int(place.bucket)][Int(place.index)].insert(entry)
        } else if places.count < most {
            open(entry, id, demand)
        } else {
            mixed.insert(Mixed(entry: entry, demand: id))
        }
    }

    /// A new lane: in the least full bucket of its skills, hoping that it is the rarest skill.
    private mutating func open(_ entry: LaneEntry, _ id: DemandID, _ demand: Demand) {
        var chosen: (bucket: Int, levelMin: UInt8)?
        let required = demand.signature.requirements.filter { !$0.isPreferred }
        for requirement in required {
            let bucket = bucket(of: requirement.skill)
            if let chosen, buckets[chosen.bucket].count <= buckets[bucket].count { continue }
            chosen = (bucket, requirement.levelMin)
        }
        let bucket = chosen?.bucket ?? 0
        places[id] = Place(bucket: UInt32(bucket), index: UInt32(buckets[bucket].count))
        buckets[bucket].append(
            Lane(
                demand: id, levelMin: chosen?.levelMin ?? 0, units: demand.cost.active,
                isSimple: required.count <= 1, head: entry))
    }

    private mutating func bucket(of skill: SkillID) -> Int {
        while bucketBySkill.count <= skill.index { bucketBySkill.append(0) }
        if bucketBySkill[skill.index] == 0 {
            bucketBySkill[skill.index] = UInt16(buckets.count)
            buckets.append([])
        }
        return Int(bucketBySkill[skill.index])
    }

    mutating func remove(_ entry: LaneEntry, _ id: DemandID) {
        guard let place = places[id] else { return removeMixed(entry, id) }
        let (bucket, index) = (Int(place.bucket), Int(place.index))
        if buckets[bucket][index].head == entry {
            if let next = buckets[bucket][index].rest.removeFirst() {
                buckets[bucket][index].head = next
            } else {
                close(id, bucket, index)
            }
        } else if !buckets[bucket][index].rest.remove(entry) {
            // It came while there were too many lanes, and its own was opened since.
            removeMixed(entry, id)
        }
    }

    private mutating func removeMixed(_ entry: LaneEntry, _ id: DemandID) {
        invariant(mixed.remove(Mixed(entry: entry, demand: id)), "ticket \(entry.ticket.value) is in no lane")
    }

    private mutating func close(_ id: DemandID, _ bucket: Int, _ index: Int) {
        places[id] = nil
        let last = buckets[bucket].removeLast()
        guard index < buckets[bucket].count else { return }
        buckets[bucket][index] = last
        places[last.demand] = Place(bucket: UInt32(bucket), index: UInt32(index))
    }

    // MARK: - the best for an agent

    /// What is asked for: a ticket for an agent with these skills, so many free units, and no room in these channels.
    struct Asker: Sendable {
        let skills: [SkillLevel]
        let free: UInt32
        let full: [String]

        func canMeet(_ demand: Demand) -> Bool {
            UInt32(demand.cost.active) <= free && !full.contains(demand.channel) && demand.signature.isMet(by: skills)
        }
    }

    /// The highest ranked ticket that the asker can take and that is allowed to him, below `bound` if there is one.
    func best(
        for asker: Asker, _ demands: DemandTable, below bound: LaneEntry?, where isAllowed: (LaneEntry) -> Bool
    ) -> LaneEntry? {
        var best = bound
        look(0, level: .max, asker, demands, &best, isAllowed)
        for skill in asker.skills where skill.skill.index < bucketBySkill.count {
            let bucket = Int(bucketBySkill[skill.skill.index])
            if bucket != 0 { look(bucket, level: skill.level, asker, demands, &best, isAllowed) }
        }
        if let found = mixed.first(where: { asker.canMeet(demands[$0.demand]) && isAllowed($0.entry) })?.entry {
            if best.map({ found < $0 }) ?? true { best = found }
        }
        return best == bound ? nil : best
    }

    @inline(__always)
    private func look(
        _ bucket: Int, level: UInt8, _ asker: Asker, _ demands: DemandTable, _ best: inout LaneEntry?,
        _ isAllowed: (LaneEntry) -> Bool
    ) {
        for index in buckets[bucket].indices {
            guard buckets[bucket][index].levelMin <= level, UInt32(buckets[bucket][index].units) <= asker.free else {
                continue
            }
            if let best, best < buckets[bucket][index].head { continue }
            if !(buckets[bucket][index].isSimple && asker.full.isEmpty) {
                guard asker.canMeet(demands[buckets[bucket][index].demand]) else { continue }
            }
            guard let found = buckets[bucket][index].first(where: isAllowed) else { continue }
            if best.map({ found < $0 }) ?? true { best = found }
        }
    }

    /// The first so many of the tickets whose demand is wanted, in order of rank: for an agent who chooses himself.
    func best(_ count: Int, _ demands: DemandTable, where isWanted: (Demand) -> Bool) -> [LaneEntry] {
        var found: [LaneEntry] = []
        for bucket in buckets {
            for lane in bucket where isWanted(demands[lane.demand]) {
                var taken = 1
                found.append(lane.head)
                _ = lane.rest.first { entry in
                    guard taken < count else { return true }
                    taken += 1
                    found.append(entry)
                    return false
                }
            }
        }
        found += mixed.all.filter { isWanted(demands[$0.demand]) }.map(\.entry)
        return Array(found.sorted().prefix(count))
    }

    // MARK: - for the sweep and for checks

    /// Of each lane its head, then the first of the mixed ones.
    var heads: [LaneEntry] {
        buckets.flatMap { $0.map(\.head) } + mixed.all.prefix(Limits.exclusionScanMax).map(\.entry)
    }

    /// Everything that is in here, sorted.
    var all: [LaneEntry] {
        var all = mixed.all.map(\.entry)
        for bucket in buckets {
            for lane in bucket {
                all.append(lane.head)
                if !lane.rest.isEmpty { all += lane.rest.all }
            }
        }
        return all.sorted()
    }

    /// What does not hold of the lanes themselves; nil when all does.
    func fault(_ demands: DemandTable) -> String? {
        var count = 0
        for (bucket, lanes) in buckets.enumerated() {
            for (index, lane) in lanes.enumerated() {
                count += 1
                guard let place = places[lane.demand], place.bucket == bucket, place.index == index else {
                    return "lane \(lane.demand.value) is not where it is looked for"
                }
                if let first = lane.rest.first, first < lane.head { return "a head is not the best of its lane" }
                let wanted = demands[lane.demand].signature.requirements.filter { !$0.isPreferred }
                guard bucket > 0 || wanted.isEmpty else { return "a lane with requirements is open to all" }
                let isIndexed = wanted.contains {
                    $0.skill.index < bucketBySkill.count && Int(bucketBySkill[$0.skill.index]) == bucket
                        && $0.levelMin == lane.levelMin
                }
                if bucket > 0 && !isIndexed { return "a lane is in the bucket of a skill it does not require" }
            }
        }
        return count == places.count ? nil : "there are \(count) lanes and \(places.count) places"
    }
}
