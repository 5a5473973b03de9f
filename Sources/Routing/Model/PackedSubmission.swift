/// A submission as the ledger keeps it: all its words in one piece of memory, since it is kept for as long as the
/// ticket lives and looked at a few times. The form is the one that messages have: the fields in the order of
/// `Submission`, each text as its length (LEB128) and its UTF-8, each list as its count and its texts.
package struct PackedSubmission: Equatable, Sendable {
    package let bytes: [UInt8]

    /// Of bytes that have the form: who reads them from outside sees to that.
    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    package init(_ submission: Submission) {
        let first = [
            submission.customer, submission.channel, submission.segment, submission.language, submission.region,
            submission.product,
        ]
        let lists = submission.labels + submission.attachments
        var count = Packer.bytes(of: submission.subject) + Packer.bytes(of: submission.text) + 4
        for text in first { count += Packer.bytes(of: text) }
        for text in lists { count += Packer.bytes(of: text) }
        var packer = Packer(reserving: count)
        for text in first { packer.add(text) }
        packer.add(submission.labels)
        packer.add(submission.subject)
        packer.add(submission.text)
        packer.add(submission.attachments)
        bytes = packer.bytes
    }

    package var customer: String { text(.customer) }
    package var channel: String { text(.channel) }
    package var segment: String { text(.segment) }
    package var region: String { text(.region) }
    package var subject: String { text(.subject) }

    package var unpacked: Submission {
        var reader = Reader(bytes: bytes)
        return Submission(
            customer: reader.text(), channel: reader.text(), segment: reader.text(), language: reader.text(),
            region: reader.text(), product: reader.text(), labels: reader.list(), subject: reader.text(),
            text: reader.text(), attachments: reader.list())
    }

    /// The same, but nothing was said in it.
    var withoutText: PackedSubmission {
        var reader = Reader(bytes: bytes)
        for _ in 0..<Field.labels.rawValue { reader.skip() }
        reader.skipList()
        reader.skip()
        let start = reader.place
        reader.skip()
        return PackedSubmission(unchecked: bytes[..<start] + [0] + bytes[reader.place...])
    }

    /// In the order in which they stand there.
    private enum Field: Int {
        case customer, channel, segment, language, region, product, labels, subject
    }

    private func text(_ field: Field) -> String {
        var reader = Reader(bytes: bytes)
        for place in 0..<field.rawValue {
            if place == Field.labels.rawValue { reader.skipList() } else { reader.skip() }
        }
        return reader.text()
    }
}

extension PackedSubmission {
    private struct Packer {
        /// Lengths are below 2^32.
        static let numberBytesMax = 5
        var bytes: [UInt8] = []

        init(reserving count: Int) { bytes.reserveCapacity(count) }

        /// No fewer than it takes, and few more: what is reserved is kept.
        static func bytes(of text: String) -> Int {
            let count = text.utf8.count
            return count + (count < 1 << 7 ? 1 : count < 1 << 14 ? 2 : numberBytesMax)
        }

        mutating func add(_ text: String) {
            add(text.utf8.count)
            bytes.append(contentsOf: text.utf8)
        }

        mutating func add(_ texts: [String]) {
            add(texts.count)
            for text in texts { add(text) }
        }

        private mutating func add(_ number: Int) {
            var rest = number
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        private(set) var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        private mutating func number() -> Int {
            var (value, shift) = (0, 0)
            while true {
                let next = Int(bytes[place])
                place += 1
                value |= (next & 0x7f) << shift
                if next < 0x80 { return value }
                shift += 7
            }
        }

        mutating func skip() {
            let count = number()
            place += count
        }

        mutating func skipList() { for _ in 0..<number() { skip() } }

        mutating func text() -> String {
            let count = number()
            defer { place += count }
            return count == 0 ? "" : String(decoding: bytes[place..<place + count], as: UTF8.self)
        }

        mutating func list() -> [String] {
            let count = number()
            var texts: [String] = []
            for _ in 0..<count { texts.append(text()) }
            return texts
        }
    }
}
