import Foundation
import Journal
import Routing
import Wire

extension LedgerRecord {
    /// As the coordinator reads it at its start.
    static func read(_ record: JournalRecord) throws -> LedgerRecord {
        try checkWireVersion(record.type)
        var decoder = Decoder(record.bytes, version: record.type)
        let entry: LedgerRecord = try decoder.value()
        try decoder.finish()
        return entry
    }
}

/// One line of `switchyard journal dump`.
struct ShownRecord: Encodable {
    let lsn: UInt64
    let time: String
    let reign: UInt32
    let kind: String
    let ticket: UInt64?
    let what: String

    init(_ record: JournalRecord, _ entry: LedgerRecord, _ names: RecordNames) {
        lsn = record.lsn.number
        reign = record.reign
        time = Date(timeIntervalSince1970: Double(record.wall) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        ticket = entry.ticket?.value
        (kind, what) = names.words(entry)
    }

    var text: String { "\(lsn) \(time) reign \(reign) \(kind) \(what)" }
}

/// Writes a record's values as words. It goes by reflection, so that a new kind of record is shown without a line
/// here; a dump is for reading, and never on a coordinator's way.
struct RecordNames {
    private var agents: [String] = []
    private var groups: [String] = []
    private var regions: [String] = []
    private var skills: [String] = []
    private let charactersMax: Int

    init(isFull: Bool) { charactersMax = isFull ? .max : 60 }

    /// Names come with the policies; after the removal of old segments some may be missing, and stay numbers.
    mutating func learn(_ entry: LedgerRecord) {
        guard case .policyAdopted(_, _, let additions) = entry else { return }
        agents += additions.agents
        groups += additions.groups
        regions += additions.regions
        skills += additions.skills
    }

    /// The kind of the record, and its values.
    func words(_ entry: LedgerRecord) -> (kind: String, values: String) {
        guard let child = Mirror(reflecting: entry).children.first else { return ("\(entry)", "") }
        return (child.label ?? "record", payload(child.value))
    }

    /// The values of an enum's case, or of a struct, without brackets around all of them.
    private func payload(_ value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .tuple || mirror.displayStyle == .struct, named(value) == nil else {
            return word(value)
        }
        return mirror.children.compactMap { child in
            let text = word(child.value)
            guard !text.isEmpty else { return nil }
            let label = child.label ?? ""
            return label.isEmpty || label.hasPrefix(".") || text.hasPrefix(label + " ") ? text : "\(label) \(text)"
        }.joined(separator: " ")
    }

    private func word(_ value: Any) -> String {
        if let named = named(value) { return named }
        if let text = value as? String { return text.isEmpty ? "" : quoted(text) }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { word($0.value) } ?? ""
        case .enum:
            guard let child = mirror.children.first else { return "\(value)" }
            return "\(child.label ?? "")(\(payload(child.value)))"
        case .collection, .set:
            let all = mirror.children.map { word($0.value) }
            return all.isEmpty ? "" : "[\(all.joined(separator: ", "))]"
        case .struct, .tuple:
            let isNumber = mirror.children.count == 1
            return isNumber ? mirror.children.first.map { word($0.value) } ?? "" : "(\(payload(value)))"
        default: return "\(value)"
        }
    }

    private func named(_ value: Any) -> String? {
        switch value {
        case let id as TicketID: "ticket \(id.value)"
        case let fence as Fence: "fence \(fence.value)"
        case let id as AgentID: "agent \(name(agents, id.value))"
        case let id as GroupID: "group \(name(groups, id.value))"
        case let id as RegionID: "region \(name(regions, id.value))"
        case let id as SkillID: "skill \(name(skills, id.value))"
        // As `ticket --key` takes it.
        case let key as SubmitKey: "key \(TicketVerb.keyText(key))"
        case let said as PackedSubmission: "said (\(payload(said.unpacked)))"
        default: nil
        }
    }

    private func name(_ names: [String], _ number: UInt32) -> String {
        Int(number) < names.count ? names[Int(number)] : "#\(number)"
    }

    /// In quotes, on one line, and no longer than asked for.
    private func quoted(_ text: String) -> String {
        let cut = text.count > charactersMax ? text.prefix(charactersMax) + "..." : text[...]
        let clean = cut.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            default: scalar.properties.generalCategory == .control ? "?" : String(scalar)
            }
        }
        return "\"\(clean.joined())\""
    }
}

/// Lines for standard output, written many at a time.
struct LineWriter {
    private var buffer = ""

    mutating func put(_ record: ShownRecord, isJSON: Bool) {
        buffer += isJSON ? Console.json(record, isPretty: false) : record.text
        buffer += "\n"
        if buffer.utf8.count >= 1 << 16 { flush() }
    }

    mutating func flush() {
        Console.put(buffer)
        buffer = ""
    }
}
