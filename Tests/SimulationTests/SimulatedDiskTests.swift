import Routing
import Testing

@testable import Journal
@testable import Simulation

/// The same disk as simply as can be: whole copies of everything.
private struct NaiveDisk {
    struct File: Equatable {
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
    }
    var files: [File] = []
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]

    mutating func write(_ name: String, at offset: Int, _ new: [UInt8]) {
        guard let number = names[name] else { return }
        while files[number].bytes.count < offset + new.count { files[number].bytes.append(0) }
        for (place, byte) in new.enumerated() { files[number].bytes[offset + place] = byte }
    }

    /// By name, as the process sees them or as they were synced.
    var seen: [String: [UInt8]] { names.mapValues { files[$0].bytes } }
    var synced: [String: [UInt8]] { durableNames.mapValues { files[$0].durable } }
}

@Suite("the simulated disk") struct SimulatedDiskTests {
    /// Does the same to both, so many times; gives whether the disk still lives.
    private func play(_ disk: SimulatedDisk, _ naive: inout NaiveDisk, _ random: inout SplitMix64) throws {
        for _ in 0..<random.between(5, 60) {
            let names = naive.names.keys.sorted()
            let fresh = "f\(naive.files.count)"
            switch (names.isEmpty ? 0 : random.below(10), names.isEmpty ? "" : random.pick(names)) {
            case (0, _):
                try disk.create(fresh)
                naive.names[fresh] = naive.files.count
                naive.files.append(NaiveDisk.File())
            case (1...4, let name):
                let bytes = (0..<random.between(1, 1500)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                let offset = random.below(3000)
                try disk.write(name, at: offset, bytes)
                naive.write(name, at: offset, bytes)
            case (5...6, let name):
                try disk.sync(name)
                if let number = naive.names[name] { naive.files[number].durable = naive.files[number].bytes }
            case (7, _):
                try disk.syncDirectory()
                naive.durableNames = naive.names
            case (8, let name):
                let other = random.chance(1, of: 2) ? random.pick(names) : fresh
                guard other != name else { break }
                try disk.rename(name, to: other)
                naive.names[other] = naive.names[name]
                naive.names[name] = nil
                if other == fresh { naive.files.append(NaiveDisk.File()) }
            case (_, let name):
                try disk.remove(name)
                naive.names[name] = nil
            }
        }
    }

    private func contents(_ disk: SimulatedDisk) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try disk.list() { contents[name] = try disk.read(name, at: 0, count: try disk.size(of: name)) }
        return contents
    }

    @Test("it is what a simpler disk is: as seen, as synced, and after a crash sector by sector one of the two")
    func naiveTwin() throws {
        for seed in UInt64(0)..<100 {
            var random = SplitMix64(seed: seed)
            let disk = SimulatedDisk()
            var naive = NaiveDisk()
            try play(disk, &naive, &random)
            #expect(try contents(disk) == naive.seen)
            #expect(disk.used == UInt64(naive.seen.values.reduce(0) { $0 + $1.count }))
            #expect(try contents(disk.afterCrash(.losingAll, seed: seed)) == naive.synced)
            #expect(try contents(disk.afterCrash(.keepingAll, seed: seed)) == naive.seen)
            var crash = SimulatedDisk.Crash(keepsSectors: 50, keepsNames: 100)
            let torn = try contents(disk.afterCrash(crash, seed: seed))
            #expect(try contents(disk.afterCrash(crash, seed: seed)) == torn)
            #expect(torn.keys.sorted() == naive.seen.keys.sorted())
            for (name, bytes) in torn { check(bytes, naive, name) }
            crash.keepsNames = 50
            crash.isUnordered = true
            let names = Set(try disk.afterCrash(crash, seed: seed).list())
            #expect(
                names.isSuperset(
                    of: Set(naive.names.keys).intersection(naive.durableNames.keys).filter {
                        naive.names[$0] == naive.durableNames[$0]
                    }) || naive.names != naive.durableNames)
        }
    }

    private func check(_ bytes: [UInt8], _ naive: NaiveDisk, _ name: String) {
        guard let file = naive.names[name].map({ naive.files[$0] }) else { return }
        #expect(bytes.count >= file.durable.count && bytes.count <= file.bytes.count)
        for start in stride(from: 0, to: bytes.count, by: 512) {
            let range = start..<min(start + 512, bytes.count)
            let sector = [UInt8](bytes[range])
            let old = range.map { $0 < file.durable.count ? file.durable[$0] : 0 }
            #expect(sector == [UInt8](file.bytes[range]) || sector == old, "\(name) at \(start)")
        }
    }

    // MARK: - the journal on it

    private static let cluster = Journal.ClusterID(high: 1, low: 2)

    private func open(
        _ disk: SimulatedDisk, flaws: JournalFlaws = [], _ kept: inout [UInt64]
    ) throws(JournalError) -> Journal {
        var read: [UInt64] = []
        let journal = try Journal.open(
            storage: disk, clusterID: .known(Self.cluster), segmentBytes: 4096, flaws: flaws
        ) { record in read.append([UInt8](record.bytes).span.uint64(at: 0)) }
        kept = read
        return journal
    }

    /// Batches of records of their own numbers until the disk fails or `batches` are done; the newest durable number.
    private func work(
        _ journal: inout Journal, _ batches: Int, _ random: inout SplitMix64, _ durable: inout UInt64
    ) throws(JournalError) {
        for batch in 0..<batches {
            for _ in 0..<random.between(1, 4) {
                var bytes = [UInt8](repeating: UInt8(batch % 251), count: 8 + random.below(600))
                bytes.put(journal.nextLSN.number, at: 0)
                try journal.append(type: 1, bytes: bytes)
            }
            durable = try journal.commit(reign: 1, wall: UInt64(batch)).number
            try journal.tend(isIdle: random.chance(1, of: 3))
        }
    }

    @Test("whatever a crash at any operation leaves of names and sectors, the journal has all that was synced")
    func journalSurvives() throws {
        for seed in UInt64(0)..<120 {
            var random = SplitMix64(seed: seed)
            var disk = SimulatedDisk()
            var durable: UInt64 = 0
            for _ in 0..<3 {
                disk.failPower(afterOperations: random.below(40))
                do {
                    var kept: [UInt64] = []
                    var journal = try open(disk, &kept)
                    try work(&journal, 12, &random, &durable)
                } catch { #expect(disk.isDead, "seed \(seed): \(error)") }
                disk = disk.afterCrash(.drawn(from: &random), seed: random.next())
                var kept: [UInt64] = []
                let now = SimulatedDisk.Crash.keepingAll
                do { _ = try open(disk, &kept) } catch { Issue.record("seed \(seed): \(error)") }
                #expect(kept == kept.indices.map { UInt64($0) + 1 } && kept.count >= durable, "seed \(seed)")
                durable = UInt64(kept.count)
                disk = disk.afterCrash(now, seed: 0)
            }
        }
    }

    @Test("a bit of what was synced that decays is refused, or what it was part of is there twice: nothing is missing")
    func decay() throws {
        var refused = 0
        for seed in UInt64(0)..<120 {
            var random = SplitMix64(seed: seed)
            let disk = SimulatedDisk()
            var durable: UInt64 = 0
            var kept: [UInt64] = []
            var journal = try open(disk, &kept)
            try work(&journal, 12, &random, &durable)
            // An idle turn marks the end: before it a flip in the last batch looks like a torn write.
            try journal.tend(isIdle: true)
            var crash = SimulatedDisk.Crash.losingAll
            crash.flipsInSynced = 1
            let decayed = disk.afterCrash(crash, seed: seed)
            #expect(decayed.flips.count == 1)
            do throws(JournalError) {
                _ = try open(decayed, &kept)
                #expect(kept.count >= durable, "seed \(seed): \(decayed.flips)")
            } catch {
                #expect(error.isDamage, "seed \(seed): \(error)")
                refused += 1
            }
        }
        #expect(refused > 30)
    }

    @Test("what a sync forgot that failed can be read until the crash, and is gone then", arguments: [false, true])
    func failedSync(_ retries: Bool) throws {
        let disk = SimulatedDisk()
        var kept: [UInt64] = []
        var journal = try open(disk, flaws: retries ? .syncRetried : [], &kept)
        var random = SplitMix64(seed: 1)
        var durable: UInt64 = 0
        try work(&journal, 3, &random, &durable)
        let before = durable
        disk.failSyncs(1)
        var error: JournalError?
        do throws(JournalError) { try work(&journal, 1, &random, &durable) } catch let thrown { error = thrown }
        #expect((error == nil) == retries)
        _ = try open(disk.afterCrash(.losingAll, seed: 1), &kept)
        #expect(kept.count == before)
        #expect((durable > before) == retries, "with the flaw a record was called durable and is gone")
    }

    @Test(
        "a batch that only memory has after a failed sync is made durable by the next start, before anything follows it"
    )
    func failedSyncAndRestart() throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            let disk = SimulatedDisk()
            var kept: [UInt64] = []
            var durable: UInt64 = 0
            var journal = try open(disk, &kept)
            let batches = 1 + random.below(12)
            try work(&journal, batches, &random, &durable)
            disk.failSyncs(1)
            do { try work(&journal, 12, &random, &durable) } catch {}
            // The process has ended, the machine goes on; the next one reads what is in memory.
            let left = disk.afterDeath()
            var next = try open(left, &kept)
            try work(&next, 3, &random, &durable)
            _ = try open(left.afterCrash(.drawn(from: &random), seed: seed), &kept)
            #expect(kept == kept.indices.map { UInt64($0) + 1 } && kept.count >= durable, "seed \(seed)")
        }
    }

    @Test("a full disk refuses what would make a file longer, and says how much is free")
    func full() throws {
        let disk = SimulatedDisk()
        try disk.create("a")
        try disk.write("a", at: 0, [UInt8](repeating: 1, count: 600))
        disk.setCapacity(1_000)
        #expect(try disk.freeBytes() == 400)
        #expect(throws: JournalError.storage(.write, file: "a", code: 28)) {
            try disk.write("a", at: 600, [UInt8](repeating: 2, count: 401))
        }
        try disk.write("a", at: 100, [UInt8](repeating: 2, count: 900))
        #expect(try disk.freeBytes() == 0)
        try disk.remove("a")
        #expect(try disk.freeBytes() == 1_000)
    }

    @Test("slow syncs add up to a time that the world takes once")
    func slow() throws {
        let disk = SimulatedDisk()
        disk.slow(.seconds(2))
        try disk.create("a")
        try disk.sync("a")
        try disk.syncDirectory()
        #expect(disk.takeElapsed() == .seconds(4))
        #expect(disk.takeElapsed() == .zero)
    }

    @Test("after the power has failed nothing can be done")
    func dead() throws {
        let disk = SimulatedDisk()
        try disk.create("a")
        disk.failPower(afterOperations: 1)
        try disk.write("a", at: 0, [1])
        #expect(throws: JournalError.storage(.sync, file: "a", code: 5)) { try disk.sync("a") }
        #expect(disk.isDead)
        #expect(throws: JournalError.storage(.list, file: ".", code: 5)) { try disk.list() }
        #expect(try disk.afterCrash(.keepingAll, seed: 0).read("a", at: 0, count: 9) == [1])
        #expect(try disk.afterCrash(.losingAll, seed: 0).list() == [])
    }
}
