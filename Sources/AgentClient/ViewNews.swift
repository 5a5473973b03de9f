import Routing

extension AgentView {
    /// What is new between two views of an agent.
    static func tell(from old: AgentView?, to new: AgentView, _ name: String, _ effects: inout [AgentSession.Effect]) {
        if old?.status != new.status { effects.append(.news(.status(agent: name, new.status))) }
        for work in old?.work ?? []
        where !new.work.contains(where: { $0.ticket == work.ticket && $0.fence == work.fence }) {
            effects.append(.news(.released(agent: name, work.ticket, work.fence)))
        }
        for offer in old?.offers ?? [] where !new.offers.contains(where: { $0.id == offer.id }) {
            effects.append(.news(.offerEnded(agent: name, offer.id)))
        }
        for work in new.work {
            if let known = old?.work.first(where: { $0.ticket == work.ticket && $0.fence == work.fence }) {
                if known.isPending != work.isPending {
                    effects.append(
                        .news(.pendingChanged(agent: name, work.ticket, isPending: work.isPending)))
                }
                if let wroteAt = work.wroteAt, wroteAt != known.wroteAt {
                    effects.append(.news(.customerWrote(agent: name, work.ticket)))
                }
            } else {
                effects.append(.news(.assigned(agent: name, work)))
            }
        }
        for offer in new.offers where !(old?.offers.contains { $0.id == offer.id } ?? false) {
            effects.append(.news(.offered(agent: name, offer)))
        }
    }
}
