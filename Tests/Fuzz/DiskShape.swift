import Journal

/// How an input is a disk: a byte of flags, the number of batches whose checksums are put right, the length of the
/// first of two segments (2), then the segments' bytes.
///
/// Checksums are put right because no fuzzer guesses them: without that, nothing behind them would ever be reached.
struct DiskShape {
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let hasInit = Flags(rawValue: 1)
        static let hasTwoSegments = Flags(rawValue: 2)
        /// Length and checksum in the segments' headers are put right.
        static let mendsHeaders = Flags(rawValue: 4)
        /// Segments are named after the first LSN in them; otherwise after 1 and 2.
        static let namesFit = Flags(rawValue: 8)
    }

    static let clusterID = Journal.ClusterID(high: 1, low: 2)
    static var source: ClusterIDSource { .known(clusterID) }

    private let flags: Flags
    private let mended: Int
    private let segments: [[UInt8]]

    init(_ input: [UInt8]) {
        guard input.count >= 4 else {
            flags = []
            mended = 0
            segments = [input]
            return
        }
        flags = Flags(rawValue: input[0])
        mended = Int(input[1])
        let rest = [UInt8](input[4...])
        let cut = min(Int(Layout.number(input, at: 2, bytes: 2)), rest.count)
        segments = flags.contains(.hasTwoSegments) ? [[UInt8](rest[..<cut]), [UInt8](rest[cut...])] : [rest]
    }

    func disk() -> FuzzDisk {
        let disk = FuzzDisk()
        if flags.contains(.hasInit) { disk.files["INIT"] = Self.initBytes }
        var left = mended
        for (index, raw) in segments.enumerated() {
            var bytes = raw
            if bytes.count >= Layout.header {
                if flags.contains(.mendsHeaders) { mendHeader(&bytes) }
                mendBatches(&bytes, &left)
            }
            disk.files[name(bytes, index)] = bytes
        }
        return disk
    }

    private func name(_ bytes: [UInt8], _ index: Int) -> String {
        let fits = flags.contains(.namesFit) && bytes.count >= Layout.header
        let first = fits ? Layout.number(bytes, at: 32, bytes: 8) : UInt64(index + 1)
        let digits = String(first, radix: 16)
        return "journal-" + String(repeating: "0", count: 16 - digits.count) + digits + ".log"
    }

    private func mendHeader(_ bytes: inout [UInt8]) {
        Layout.put(UInt64(bytes.count), &bytes, at: 40, bytes: 8)
        Layout.put(UInt64(Layout.checksum(bytes[0..<60])), &bytes, at: 60, bytes: 4)
    }

    private func mendBatches(_ bytes: inout [UInt8], _ left: inout Int) {
        let seed = Layout.seed(bytes)
        var offset = Layout.header
        while left > 0, let length = Layout.claimedLength(bytes, at: offset) {
            let records = Layout.checksum(bytes[offset + Layout.head..<offset + length])
            Layout.put(UInt64(records), &bytes, at: offset + 12, bytes: 4)
            let all = Layout.checksum(bytes[offset..<offset + 32], after: seed)
            Layout.put(UInt64(all), &bytes, at: offset + 32, bytes: 4)
            offset += length
            left -= 1
        }
    }

    /// INIT as the journal itself writes it.
    private static let initBytes = written(batches: []).files["INIT"] ?? []
}

extension DiskShape {
    /// Inputs that are journals of the real writer: new, used, torn, rolled, sealed and not.
    static var examples: [[UInt8]] {
        let records: [[UInt8]] = [[], [1], [2, 2], [UInt8](repeating: 3, count: 40)]
        let empty = written(batches: []).segments
        let used = written(batches: [[records[0]], [records[1], records[2]], [records[3]]], segmentBytes: 400).segments
        let rolled = written(batches: [[records[3]], [records[3]], [records[1]]]).segments
        var torn = used
        for index in 190..<400 { torn[0][index] = index < 200 ? 7 : 0 }
        var unsealed = rolled
        for index in unsealed[0].indices.dropFirst(64 + 81 * 2) { unsealed[0][index] = 0 }
        var emptySecond = unsealed
        if let fresh = emptySecond.last { emptySecond[1] = fresh.enumerated().map { $0 < 64 ? $1 : 0 } }
        return [empty, used, rolled, torn, unsealed, emptySecond].flatMap { segments in
            [(1, 0), (9, 0), (13, 255), (13, 1), (12, 255)].map { input(segments, flags: $0, mended: $1) }
        }
    }

    private static func input(_ segments: [[UInt8]], flags: UInt8, mended: UInt8) -> [UInt8] {
        let first = segments[0].count
        let two: UInt8 = segments.count > 1 ? Flags.hasTwoSegments.rawValue : 0
        let start = [flags | two, mended, UInt8(truncatingIfNeeded: first), UInt8(truncatingIfNeeded: first >> 8)]
        return start + segments.prefix(2).flatMap { $0 }
    }

    private static func written(batches: [[[UInt8]]], segmentBytes: Int = 256) -> FuzzDisk {
        let disk = FuzzDisk()
        do throws(JournalError) {
            var journal = try Journal.open(storage: disk, clusterID: source, segmentBytes: segmentBytes) { _ in }
            for batch in batches {
                for record in batch { try journal.append(type: 1, bytes: record) }
                try journal.commit(reign: 1, wall: 1_700_000_000_123)
            }
        } catch { fatalError("the example was not written: \(error)") }
        return disk
    }
}
