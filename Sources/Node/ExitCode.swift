/// Why a process ended, for supervisors and scripts.
package enum ExitCode {
    package static let success: Int32 = 0
    /// What was asked for did not succeed.
    package static let failed: Int32 = 1
    /// The command line or the cluster file is wrong: starting again does not help.
    package static let usage: Int32 = 2
    /// No answer came: what was asked for may be done, or may still be done. Asking again is safe with the same key.
    package static let unknown: Int32 = 3
    /// No node answers at the address: nothing was done (EX_UNAVAILABLE).
    package static let unavailable: Int32 = 69
    /// The journal could not be opened, written or synced.
    package static let journalFailed: Int32 = 70
    /// A watchdog found nng stuck: start again (EX_TEMPFAIL).
    package static let startAgain: Int32 = 75
}
