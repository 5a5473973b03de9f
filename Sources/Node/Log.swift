import Foundation
import Synchronization

/// Lines for people on standard error: time, who, what. Once per outcome, with ids, never a ticket's text.
package struct Log: Sendable {
    package enum Level: String, Sendable {
        case info
        case warning
        case error
    }

    /// Lines a second; more are counted and named in one line, so that a flood of garbage does not fill a disk.
    package static let linesPerSecondMax = 50

    private struct Rate {
        var second: Int64 = 0
        var lines = 0
        var dropped = 0
    }
    private static let rate = Mutex(Rate())

    private let who: String
    private let isQuiet: Bool
    /// Takes the lines in place of standard error; `isQuiet` lines do not come.
    private let sink: (@Sendable (Level, String) -> Void)?

    package init(_ who: String, isQuiet: Bool = false, sink: (@Sendable (Level, String) -> Void)? = nil) {
        self.who = who
        self.isQuiet = isQuiet
        self.sink = sink
    }

    package func info(_ what: @autoclosure () -> String) { if !isQuiet { write(.info, what()) } }
    package func warning(_ what: @autoclosure () -> String) { write(.warning, what()) }
    package func error(_ what: @autoclosure () -> String) { write(.error, what()) }

    private func write(_ level: Level, _ what: String) {
        if let sink { return sink(level, what) }
        let date = Date()
        let second = Int64(date.timeIntervalSince1970)
        let dropped: Int? = Self.rate.withLock { rate in
            if rate.second != second {
                let dropped = rate.dropped
                rate = Rate(second: second, lines: 1)
                return dropped
            }
            rate.lines += 1
            guard rate.lines <= Self.linesPerSecondMax else {
                rate.dropped += 1
                return nil
            }
            return 0
        }
        guard let dropped else { return }
        let time = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        if dropped > 0 { Self.put("\(time) \(who) warning \(dropped) lines were left out in the second before\n") }
        Self.put("\(time) \(who) \(level.rawValue) \(Self.clean(what))\n")
    }

    private static func put(_ line: String) { FileHandle.standardError.write(Data(line.utf8)) }

    /// Control characters would let outsiders write lines of their own.
    private static func clean(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }
}
