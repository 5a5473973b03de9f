/// What the ledger says of one thing.
extension Ledger {
    func waiting(in group: GroupID) -> SortedChunks<TicketID> {
        group.index < waitingIn.count ? waitingIn[group.index] : SortedChunks()
    }

    package func agent(_ id: AgentID) -> LedgerAgent? { id.index < agents.count ? agents[id.index] : nil }
    package func router(_ incarnation: Incarnation) -> RouterInfo? { routers.first { $0.incarnation == incarnation } }
    package func owner(of region: RegionID) -> RegionOwner? {
        region.index < owners.count ? owners[region.index] : nil
    }
    package func count(of group: GroupID) -> GroupCount {
        group.index < groups.count ? groups[group.index] : GroupCount()
    }
}
