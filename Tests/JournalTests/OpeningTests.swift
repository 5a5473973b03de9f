import Synchronization
import Testing

@testable import Journal

@Suite struct OpeningTests {
    @Test("the first start makes INIT and one segment, and draws the cluster id once")
    func firstStart() throws {
        let storage = MemoryStorage()
        let draws = Atomic(0)
        for _ in 0..<2 {
            let source = ClusterIDSource.drawn {
                draws.add(1, ordering: .relaxed)
                return cluster
            }
            let journal = try Journal.open(storage: storage, clusterID: source, segmentBytes: 512) { _ in }
            let id = journal.clusterID
            #expect(id == cluster)
            storage.crash()
        }
        let names = try storage.list()
        let drawn = draws.load(ordering: .relaxed)
        #expect(drawn == 1)
        #expect(names == ["INIT", firstSegment])
    }

    @Test("a folder that was emptied is refused, not begun anew")
    func emptiedFolder() throws {
        let (storage, _) = try disk(batches: 3)
        storage.lose(firstSegment)
        #expect(refusal(storage) == .emptiedFolder)
    }

    @Test("a folder that was emptied to the last file is refused, as the marker beside it says what it was")
    func emptiedToTheLastFile() throws {
        let marker = MemoryMarker()
        let storage = MemoryStorage()
        _ = try SmallLedger(on: storage, marker: marker)
        storage.crash()
        _ = try SmallLedger(on: storage, marker: marker)
        #expect(throws: JournalError.initialisedBefore(marker: "ledger.initialised")) {
            _ = try SmallLedger(on: MemoryStorage(), marker: marker)
        }
        let other = MemoryStorage()
        _ = try Journal.open(storage: other, clusterID: .known(.init(high: 1, low: 1)), segmentBytes: 512) { _ in }
        other.crash()
        #expect(throws: JournalError.wrongCluster(file: "ledger.initialised")) {
            _ = try Journal.open(storage: other, clusterID: .drawn { cluster }, marker: marker) { _ in }
        }
    }

    @Test("a marker that cannot be written or read stops nothing, and is reported")
    func markerTrouble() throws {
        let marker = MemoryMarker()
        marker.fail()
        let storage = MemoryStorage()
        let ledger = try SmallLedger(on: storage, marker: marker)
        let opening = ledger.journal.opening
        #expect(opening.markerProblem == .storage(.write, file: marker.place, code: 13))
        storage.crash()
        let damaged = MemoryMarker(bytes: [1, 2, 3])
        let again = try SmallLedger(on: storage, marker: damaged)
        let reopening = again.journal.opening
        #expect(reopening.markerProblem == .damagedHeader(file: marker.place))
    }

    @Test("records without INIT are refused, and a damaged or truncated INIT too")
    func initMissingOrDamaged() throws {
        let (storage, _) = try disk(batches: 3)
        let missing = storage.copy()
        missing.lose("INIT")
        #expect(refusal(missing) == .missingInit)
        for bit in 0..<512 {
            let flipped = storage.copy()
            flipped.tamper("INIT") { $0[bit / 8] ^= 1 << (bit % 8) }
            #expect(refusal(flipped) == .damagedInit)
        }
        let truncated = storage.copy()
        truncated.tamper("INIT") { $0 = [] }
        #expect(refusal(truncated) == .damagedInit)
    }

    @Test("a second opener is refused")
    func secondOpener() throws {
        let storage = MemoryStorage()
        _ = try open(storage)
        #expect(refusal(storage) == .locked)
    }

    @Test("another cluster's id, expected or in INIT, is refused")
    func wrongCluster() throws {
        let other = Journal.ClusterID(high: 1, low: 1)
        let (storage, _) = try disk(batches: 3)
        #expect(throws: JournalError.wrongCluster(file: firstSegment)) {
            _ = try Journal.open(storage: storage.copy(), clusterID: .known(other)) { _ in }
        }
        let foreign = MemoryStorage()
        _ = try Journal.open(storage: foreign, clusterID: .known(other), segmentBytes: 512) { _ in }
        let foreignInit = try foreign.bytes(of: "INIT")
        storage.tamper("INIT") { $0 = foreignInit }
        #expect(throws: JournalError.wrongCluster(file: firstSegment)) {
            _ = try Journal.open(storage: storage, clusterID: .drawn { cluster }) { _ in }
        }
    }

    @Test("segments outside the bounds are refused")
    func segmentBounds() {
        for bytes in [0, 255, (1 << 30) + 1] {
            #expect(throws: JournalError.segmentBytesOutOfBounds(bytes)) {
                _ = try open(MemoryStorage(), segmentBytes: bytes)
            }
        }
    }

    @Test("what the caller cannot take in stops the opening, with its number")
    func replayRefused() throws {
        struct Unknown: Error {}
        let (storage, _) = try disk(batches: 3)
        #expect(throws: JournalError.replayRefused(lsn: Journal.LSN(4), reason: "Unknown()")) {
            _ = try Journal.open(storage: storage, clusterID: .known(cluster)) {
                if $0.lsn == Journal.LSN(4) { throw Unknown() }
            }
        }
    }
}
