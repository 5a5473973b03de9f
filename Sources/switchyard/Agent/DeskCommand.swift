import AgentClient

/// What an agent typed, read: one line, one command.
enum DeskCommand: Equatable {
    case help
    case accept(String)
    case decline(String, reason: String, retryAfter: UInt64?)
    case reply(String)
    case note(String)
    case pause(AgentPause, UInt64?, reason: String)
    case resume
    case escalate(Int?, reason: String)
    case down(Int?, reason: String)
    case transfer(String, reason: String)
    case handOver(String, reason: String)
    case handOut(String, reason: String)
    case putOff(UInt64, reason: String)
    case giveBack(reason: String)
    case resolve
    case use(String)
    case show(String)
    case list
    case take(String)
    case status(AgentStatus, reason: String)
    case ready
    case quit

    /// What is wrong with a line, for whoever typed it.
    struct Mistake: Error, Equatable {
        let what: String
        init(_ what: String) { self.what = what }
    }

    static let teaching = """
        an offer
          accept [N]                             take the offered ticket (the newest, or ticket N)
          decline [N] [REASON] [retry 2m]        leave it to others, for the time given
        your ticket (the last one got, or the one chosen with `use N`)
          reply TEXT                             answer the customer
          note TEXT                              for colleagues: kept in its history
          show [N]                               all that happened to it, with what the customer wrote since
          pause [customer|hold] [4h] [REASON]    wait for the customer, or for somebody else; it stays yours
          resume                                 go on
          resolve                                done
        to others; what you write behind it is the reason, which they see in its history
          escalate [2|3] [REASON]                up: to the next tier, or to that one
          down [1|2] [REASON]                    back down: to where it came from, or to that tier
          transfer GROUP [REASON]                to another group
          handover AGENT [REASON]                to a colleague, who is asked first if he is there
          handout PARTY [REASON]                 to somebody outside; for us it is done ("Acme Ltd" in quotes)
          putoff 4h [REASON]                     later: out of your hands until then, you are asked first
          return [REASON]                        back to its queue, with its age
        you
          status available | availableForOne | away [REASON] | draining
          ready                                  end your time after a ticket
          list                                   your tickets, and what you may take
          take N                                 take it
          use N                                  choose among your tickets
          quit                                   leave; your tickets wait for you for the cluster's grace
        """

    /// Nil for an empty line.
    static func read(_ line: String) throws(Mistake) -> DeskCommand? {
        var rest = Words(line)
        guard let verb = rest.next() else { return nil }
        switch verb {
        case "help", "accept", "decline", "reply", "note", "show", "use", "list", "take", "ready", "quit", "status":
            return try plain(verb, &rest)
        default: return try work(verb, &rest)
        }
    }

    private static func plain(_ verb: String, _ rest: inout Words) throws(Mistake) -> DeskCommand {
        switch verb {
        case "help": return .help
        case "accept": return .accept(try end(rest.next() ?? "", rest, "accept [N]"))
        case "decline": return try decline(&rest)
        case "reply": return .reply(try some(rest.remainder, "reply TEXT"))
        case "note": return .note(try some(rest.remainder, "note TEXT"))
        case "show": return .show(try end(rest.next() ?? "", rest, "show [N]"))
        case "use": return .use(try some(rest.remainder, "use N"))
        case "take": return .take(try some(rest.remainder, "take N"))
        case "list": return .list
        case "ready": return .ready
        case "quit": return .quit
        default:
            guard let status = rest.next().flatMap({ AgentStatus(rawValue: $0) }) else {
                throw Mistake("expected status available, availableForOne, away [REASON] or draining")
            }
            return .status(status, reason: rest.remainder)
        }
    }

    private static func work(_ verb: String, _ rest: inout Words) throws(Mistake) -> DeskCommand {
        switch verb {
        case "pause":
            let kind = rest.take { AgentPause(rawValue: $0) } ?? .customer
            return .pause(kind, rest.take { Durations.milliseconds($0) }, reason: rest.remainder)
        case "resume": return .resume
        case "resolve": return .resolve
        case "escalate": return .escalate(rest.take(tier), reason: rest.remainder)
        case "down": return .down(rest.take(tier), reason: rest.remainder)
        case "transfer":
            return .transfer(try some(rest.next() ?? "", "transfer GROUP [REASON]"), reason: rest.remainder)
        case "handover":
            return .handOver(try some(rest.next() ?? "", "handover AGENT [REASON]"), reason: rest.remainder)
        case "handout":
            return .handOut(try some(rest.next() ?? "", "handout PARTY [REASON]"), reason: rest.remainder)
        case "putoff":
            guard let time = rest.take({ Durations.milliseconds($0) }) else {
                throw Mistake("expected putoff and a duration such as 4h, then a reason if you like")
            }
            return .putOff(time, reason: rest.remainder)
        case "return": return .giveBack(reason: rest.remainder)
        default: throw Mistake("\"\(verb)\" is nothing to do; `help` lists what is")
        }
    }

    /// N, a reason and "retry 2m", all of which may be left out.
    private static func decline(_ rest: inout Words) throws(Mistake) -> DeskCommand {
        let number = rest.take { UInt64($0) }.map { String($0) } ?? ""
        var words = rest.remainder.split(separator: " ").map(String.init)
        var retryAfter: UInt64?
        if words.count >= 2, words[words.count - 2] == "retry" {
            retryAfter = Durations.milliseconds(words[words.count - 1])
            if retryAfter == nil {
                throw Mistake("expected a duration such as 2m behind retry, found \"\(words[words.count - 1])\"")
            }
            words.removeLast(2)
        }
        return .decline(number, reason: words.joined(separator: " "), retryAfter: retryAfter)
    }

    /// Another number is the beginning of a reason, as in "500 customers are waiting".
    private static func tier(_ word: String) -> Int? { Int(word).flatMap { (1...3).contains($0) ? $0 : nil } }

    private static func some(_ text: String, _ usage: String) throws(Mistake) -> String {
        if text.isEmpty { throw Mistake("expected \(usage)") }
        return text
    }

    private static func end(_ text: String, _ rest: Words, _ usage: String) throws(Mistake) -> String {
        if !rest.remainder.isEmpty { throw Mistake("expected \(usage)") }
        return text
    }
}

/// A line word by word; what is left of it keeps its blanks. Quotes hold a first word of several together.
private struct Words {
    private var line: Substring

    init(_ line: String) { self.line = line[...] }

    var remainder: String {
        var text = line.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }

    mutating func next() -> String? {
        line = line.drop(while: \.isWhitespace)
        guard let first = line.first else { return nil }
        if first == "\"", let end = line.dropFirst().firstIndex(of: "\"") {
            let word = line[line.index(after: line.startIndex)..<end]
            line = line[line.index(after: end)...]
            return String(word)
        }
        let word = line.prefix { !$0.isWhitespace }
        line = line[word.endIndex...]
        return String(word)
    }

    /// Takes the next word if it can be read as what is looked for.
    mutating func take<Value>(_ read: (String) -> Value?) -> Value? {
        var ahead = self
        guard let word = ahead.next(), let value = read(word) else { return nil }
        self = ahead
        return value
    }
}
