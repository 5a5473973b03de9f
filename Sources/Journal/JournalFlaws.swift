/// Mistakes that tests switch on in the journal, to show that they would be found; see `Flaw` in `Routing`.
package struct JournalFlaws: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Reads a batch whose records are not as they were written.
    package static let tornTailAccepted = JournalFlaws(rawValue: 1)
    /// Tries a failed sync again, and believes it.
    package static let syncRetried = JournalFlaws(rawValue: 2)
    /// Takes the first damage for the end of what was written.
    package static let decayOverlooked = JournalFlaws(rawValue: 4)
}
