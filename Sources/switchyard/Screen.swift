import Foundation
import Node
import Synchronization

/// What is shown again and again: drawn in place on a terminal, on a page of its own that is gone in the end; anywhere
/// else one block after the other.
final class Screen: Sendable {
    private let isTerminal = Console.isTerminal

    /// From here on SIGINT and SIGTERM give the terminal back and end the program.
    func open() {
        let isTerminal = isTerminal
        let signals = Signals([SIGINT, SIGTERM]) {
            if isTerminal { Console.put(Self.leave) }
            Node.Process.exit(ExitCode.success)
        }
        Self.kept.withLock { $0 = signals }
        if isTerminal { Console.put(Self.enter) }
    }

    /// Elsewhere than on a terminal an empty line follows, if it is not for programs, which read a line at a time.
    func show(_ text: String, isJSON: Bool = false) {
        guard isTerminal else { return Console.put(text + (isJSON ? "\n" : "\n\n")) }
        Console.put(Self.page(text.split(separator: "\n", omittingEmptySubsequences: false), size: Self.size()))
    }

    /// The other page, without a cursor; and back.
    private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[H\u{1b}[2J"
    private static let leave = "\u{1b}[?25h\u{1b}[?1049l"
    /// Signals are heard for as long as this is kept.
    private static let kept = Mutex<Signals?>(nil)

    /// Every line over the one that was there, and nothing below the last: no flicker, and no scrolling, as what does
    /// not fit is left out with a word.
    static func page(_ lines: [Substring], size: (rows: Int, columns: Int)) -> String {
        var shown = lines.map { String($0.prefix(size.columns)) }
        if shown.count > size.rows {
            let hidden = shown.count - size.rows + 1
            shown =
                shown.prefix(size.rows - 1) + ["... \(hidden) more lines: a larger window, or no --watch, shows them"]
        }
        return "\u{1b}[H" + shown.map { "\($0)\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J"
    }

    private static func size() -> (rows: Int, columns: Int) {
        var size = winsize()
        // The pointer lives through the call.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 1, size.ws_col > 1 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }
}
