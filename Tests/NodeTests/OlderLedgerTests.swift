import Foundation
import Journal
import Node
import Routing
import Testing
import Wire

/// The folder in `Ledgers/version-1` was written by a coordinator of wire version 1 that was killed: two routers, four
/// tickets of which the first was closed before the snapshot and the second declined once, then given to ana.
@Suite("ledgers of other wire versions") struct OlderLedgerTests {
    private static func disk() throws -> MemoryDisk {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Ledgers/version-1")
        let disk = MemoryDisk()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            let lines = text.split(separator: "\n")
            let digits = lines.dropFirst().joined().compactMap { $0.hexDigitValue.map { UInt8($0) } }
            var bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
            // Zeros at the end are left out; the first line is the size with them.
            let size = try #require(lines.first.flatMap { Int($0) })
            bytes += [UInt8](repeating: 0, count: size - bytes.count)
            let name = String(file.dropLast(".hex".count))
            try disk.create(name)
            try disk.write(name, at: 0, bytes)
            try disk.sync(name)
        }
        try disk.syncDirectory()
        return disk
    }

    private static func recordTypes(on disk: MemoryDisk) throws -> [UInt8] {
        var types: Set<UInt8> = []
        let found = try Inspection(of: disk, visit: { types.insert($0.type) })
        #expect(found.problems == [])
        return types.sorted()
    }

    /// A coordinator on that disk, and routers that were not there before.
    private static func start(on disk: MemoryDisk) throws -> SteppedCluster {
        let cluster = try SteppedCluster(regions: [], onReply: { _, _ in }) { try CompanyText().read() }
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: disk)
        for region in SteppedCluster.regions { cluster.startRouter("new-\(region)", region: region) }
        return cluster
    }

    private static func check(_ cluster: SteppedCluster) throws {
        func shown(_ number: UInt64) throws -> TicketRecord {
            try #require(cluster.show(TicketID(number), at: "new-a"))
        }
        let first = try shown(1)
        #expect(first.state == .closed && first.submission.text == "of version 1")
        #expect(first.steps.map(\.kind) == [.opened, .cancelled])
        let second = try shown(2)
        #expect(second.steps.map(\.kind).prefix(4) == [.opened, .declined, .assigned, .replied])
        #expect(second.standing.attempts == 1)
        #expect(try shown(3).priority == 7)
        #expect(try shown(4).widened == [GroupID(0)])
    }

    @Test("one of version 1 is read whole and gone on with in version 2, and both together are read again")
    func goesOn() throws {
        let old = try Self.disk()
        #expect(try Self.recordTypes(on: old) == [1])
        let cluster = try Self.start(on: old)
        let members = try #require(cluster.status?.routers)
        #expect(members.map(\.name).prefix(2) == ["b", "a"])
        #expect(members.map(\.speaks).prefix(2) == [1, 1])
        cluster.run(5_000)
        try Self.check(cluster)
        #expect(cluster.status?.routers.map(\.speaks) == [2, 2])
        #expect(cluster.submit(1, to: "new-a") == .accepted(TicketID(5)))
        #expect(try Self.recordTypes(on: cluster.disk.afterCrash()) == [1, 2])
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(5_000)
        try Self.check(cluster)
        #expect(cluster.show(TicketID(5), at: "new-a")?.state == .waiting)
    }

    @Test("with the next snapshot nothing of version 1 is left to be read, and all of it is there")
    func rewritten() throws {
        let cluster = try Self.start(on: Self.disk())
        cluster.run(5_000)
        for number in UInt64(1)...40 {
            _ = cluster.submit(number, to: "new-a", text: String(repeating: "x", count: 12_000))
            cluster.run(20)
        }
        #expect(try Self.recordTypes(on: cluster.disk.afterCrash()) == [2])
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(5_000)
        try Self.check(cluster)
        #expect(cluster.status?.counters.ticketsOpened == 44)
    }

    @Test("one of a newer version is refused with both versions named, and not changed")
    func newer() throws {
        let disk = try Self.disk()
        do {
            var journal = try Journal.open(
                storage: disk, clusterID: .drawn { Journal.ClusterID(high: 1, low: 2) }, segmentBytes: 1 << 16,
                restore: { while try $0.next() != nil {} }, replay: { _ in })
            _ = try journal.append(type: wireVersion + 1, bytes: [1, 2])
            try journal.commit(reign: 2, wall: 0)
        }
        let written = disk.afterCrash()
        let before = try written.files()
        var said = ""
        do { _ = try Self.start(on: written) } catch { said = "\(error)" }
        #expect(said.contains("it has wire version 3, and 1 to 2 are spoken here"), "\(said)")
        let after = try written.files()
        #expect(after == before)
    }
}

extension MemoryDisk {
    fileprivate func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try list() { files[name] = try read(name, at: 0, count: try size(of: name)) }
        return files
    }
}
