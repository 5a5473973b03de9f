package import Routing

/// What home routers have of their agents' tickets is what the ledger has: outcomes and news keep the two the same, so
/// the reconciler never finds a difference twice in a row and has nothing to put right (reliability, the reconciler).
package struct LoadsAgree: Checker {
    package let name = "LoadsAgree"
    private var complaints = Complaints()
    private var pace = Pace()
    /// By the coordinator that is up, as far as was looked; it begins at none with each of its lives.
    private var repaired: UInt64 = 0

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {}

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 500) else { return }
        look(cores)
    }

    package mutating func finish(_ cores: any Cores) { look(cores) }

    private mutating func look(_ cores: any Cores) {
        guard let found = cores.withCoordinator({ $0.reconciling.repaired }) else { return }
        if found > repaired {
            complaints.add("\(found) times an agent's router had other tickets for him, twice in a row")
        }
        repaired = found
    }
}
