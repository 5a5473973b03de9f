import CNNG

/// The ways two sockets of nng can be joined. The raw value is the text before `://`.
package enum Scheme: String, CaseIterable, Sendable {
    case ws
    case tcp
    case ipc
    case tls = "tls+tcp"
    case wss
    case inproc
}

/// Why an address cannot be used.
package enum TransportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The scheme endangers this process with the libnng it runs on; `reason` is a sentence for the operator.
    case refused(scheme: Scheme, reason: String)
    /// Neither `host:port`, `inproc:name` nor `scheme://...` with a scheme we know.
    case malformed(address: String)

    /// One sentence for a log line.
    package var description: String {
        switch self {
        case .refused(let scheme, let reason): "\(scheme.rawValue):// is refused: \(reason)"
        case .malformed(let address): "\"\(address)\" is no address; expected host:port, inproc:name or scheme://..."
        }
    }
}

/// Which scheme is safe between processes. It flips between releases of libnng: 1.5 wedges on everything but ws, 1.8 to
/// 1.11 abort on ws. Measured release by release; so addresses name host and port, and this table names the scheme.
package struct TransportTable: Equatable, Sendable {
    /// What nng says of itself, unchanged, for `status`. Only major.minor are believed: 1.9.0 reports "1.8.0".
    package let version: String
    /// The scheme of an address that names none.
    package let preferred: Scheme
    /// How long a healthy reaper may take to report a closed pipe, in milliseconds; for the reaper dog.
    package let reaperLimitMilliseconds: Int
    private let era: Era

    /// The spans of releases that behave alike.
    private enum Era: Equatable {
        case reaperWaitsForever
        case noneRefused
        case websocketAborts
    }

    /// Reads a version like "1.5.2". One that cannot be read counts as the oldest: its rules refuse most.
    package init(version: String) {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        let major = numbers.first ?? 0
        let minor = numbers.count > 1 ? numbers[1] : 0
        self.version = version
        era =
            switch (major, minor) {
            case (...0, _), (1, ...6): .reaperWaitsForever
            case (1, 8...11): .websocketAborts
            default: .noneRefused
            }
        preferred = era == .reaperWaitsForever ? .ws : .tcp
        reaperLimitMilliseconds = era == .reaperWaitsForever ? 500 : 5_000
    }

    /// The table of the library this process runs on. Asked at run time: a program built on Debian 12 runs on Debian
    /// 13.
    package static var current: TransportTable {
        guard let text = unsafe nng_version() else { return TransportTable(version: "") }
        return unsafe TransportTable(version: String(cString: text))
    }

    /// The reason why a scheme must not be used here, or nil when it may.
    package func refusal(of scheme: Scheme) -> String? {
        switch (era, scheme) {
        case (.reaperWaitsForever, .tcp), (.reaperWaitsForever, .ipc), (.reaperWaitsForever, .tls),
            (.reaperWaitsForever, .wss):
            "nng \(version) can wait for ever on a \(scheme.rawValue) connection that closes while frames are read; "
                + "from then on the process leaks every connection. Use ws."
        case (.websocketAborts, .ws), (.websocketAborts, .wss):
            "nng \(version) can abort the process when a websocket peer goes away (nng issue 2208). Use tcp."
        case (.reaperWaitsForever, .ws), (.reaperWaitsForever, .inproc), (.noneRefused, _),
            (.websocketAborts, .tcp), (.websocketAborts, .ipc), (.websocketAborts, .tls), (.websocketAborts, .inproc):
            nil
        }
    }

    /// `host:port` becomes a URL of the preferred scheme, `inproc:name` becomes `inproc://name`, and an explicit
    /// `scheme://...` stays as it is unless the scheme is refused. `forced` is the operator's "I know".
    package func url(for address: String, forced: Bool = false) throws(TransportError) -> String {
        if let separator = address.firstRange(of: "://") {
            return try explicit(address, scheme: address[..<separator.lowerBound], forced: forced)
        }
        if address.hasPrefix("inproc:") {
            let name = address.dropFirst("inproc:".count)
            guard !name.isEmpty else { throw .malformed(address: address) }
            return "inproc://\(name)"
        }
        guard let colon = address.lastIndex(of: ":"), colon != address.startIndex,
            UInt16(address[address.index(after: colon)...]) != nil, !address.contains("/")
        else { throw .malformed(address: address) }
        return preferred == .ws ? "ws://\(address)/switchyard" : "\(preferred.rawValue)://\(address)"
    }

    private func explicit(_ url: String, scheme text: Substring, forced: Bool) throws(TransportError) -> String {
        guard let scheme = Scheme(rawValue: String(text)), !url.hasSuffix("://") else {
            throw .malformed(address: url)
        }
        if !forced, let reason = refusal(of: scheme) { throw .refused(scheme: scheme, reason: reason) }
        return url
    }
}
