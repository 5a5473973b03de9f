/// Makes a failing run smaller: leaves faults out of its schedule, and kinds of chance out of its options, for as long
/// as it fails in the same way (delta debugging, Zeller and Hildebrandt 2002).
package struct Shrink {
    /// The smallest run so far that fails.
    package private(set) var run: Run
    package private(set) var tries = 0
    private let most: Int
    private let complaint: String
    private let play: (Options, [Fault]) throws -> Run

    /// `play` runs a world with a schedule; at most so many times.
    package init(_ failed: Run, most: Int = 300, play: @escaping (Options, [Fault]) throws -> Run) throws {
        run = failed
        complaint = Self.kind(failed.wrong.first ?? "")
        self.most = most
        self.play = play
        try leaveOutFaults()
        try leaveOutChance()
        try leaveOutPoints()
        try leaveOutFaults()
    }

    /// What a complaint begins with: the checker's name, or the first words without numbers.
    private static func kind(_ complaint: String) -> String {
        String(complaint.prefix { $0 != ":" && !$0.isNumber })
    }

    /// Whether it still fails like that; then it is the smallest so far.
    private mutating func stillFails(_ options: Options, _ faults: [Fault]) throws -> Bool {
        guard tries < most else { return false }
        tries += 1
        let shorter = try play(options, faults)
        guard shorter.wrong.contains(where: { Self.kind($0) == complaint }) else { return false }
        run = shorter
        return true
    }

    /// Halves first, then quarters, down to single entries.
    private mutating func leaveOutFaults() throws {
        var size = max(1, run.faults.count / 2)
        while !run.faults.isEmpty {
            var start = 0
            var isShorter = false
            while start < run.faults.count {
                var faults = run.faults
                faults.removeSubrange(start..<min(faults.count, start + size))
                if try stillFails(run.options, faults) { isShorter = true } else { start += size }
            }
            if size == 1 && !isShorter { return }
            size = max(1, size / 2)
        }
    }

    private mutating func leaveOutPoints() throws {
        for point in run.options.points {
            var options = run.options
            options.points.removeAll { $0 == point }
            _ = try stillFails(options, run.faults)
        }
    }

    private mutating func leaveOutChance() throws {
        let changes: [(inout Options) -> Void] = [
            { $0.connectionsBroken = 0 }, { $0.publicationsLost = 0 }, { $0.publicationsDoubled = 0 },
            { $0.isReordering = false }, { $0.delayMax = 1 }, { $0.skewMax = 0 }, { $0.driftMax = 0 },
            { $0.reloads = 0 }, { $0.comings = 0 }, { $0.manages = 0 }, { $0.secondDevices = 0 }, { $0.scheduled = 0 },
            { $0.isLively = false }, { $0.questions = 0 }, { $0.olderRouters = 0 },
            { $0.company.promises = 0 }, { $0.company.choosing = 0 }, { $0.tickets /= 2 }, { $0.tickets /= 2 },
            { $0.tickets /= 2 },
            { $0.tickets /= 2 },
        ]
        for change in changes {
            var options = run.options
            change(&options)
            if options != run.options { _ = try stillFails(options, run.faults) }
        }
    }
}
