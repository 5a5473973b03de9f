package import Routing
import Wire

/// A router's shell: decodes, steps the core, sends. It holds nothing that it could not learn again.
package final class RouterNode: Steppable {
    /// Where this router is, and where the coordinator is.
    package struct Place: Sendable {
        package let name: String
        package let region: String
        package let address: String
        package let gossipAddress: String
        package let coordinator: String
        package init(name: String, region: String, address: String, gossipAddress: String, coordinator: String) {
            self.name = name
            self.region = region
            self.address = address
            self.gossipAddress = gossipAddress
            self.coordinator = coordinator
        }
    }

    /// What an asked tag was for: in its upper byte.
    private enum Ask {
        static let join: UInt64 = 1 << 56
        static let exchange: UInt64 = 2 << 56
        static let peer: UInt64 = 3 << 56
        static let leave: UInt64 = 4 << 56
        static let kind: UInt64 = 0xff << 56
    }

    /// Where the router stands with the coordinator.
    private enum Standing {
        case joining(next: Instant)
        case asking
        case member
        /// Asked to end: regions and sessions go elsewhere first.
        case draining(since: Instant)
        case leaving(until: Instant)
    }

    private let place: Place
    private let network: any Network
    private let log: Log
    private var router: Router
    private var standing: Standing
    private var dialect: Dialect
    private var traffic = Traffic()
    private var effects: [Router.Effect] = []
    private var lostAsks: [UInt64] = []
    /// Exchanges that the coordinator had no time for: asked again then, not at once, which would make it worse.
    private var deferred: [(due: Instant, tag: UInt64)] = []
    private static let busyPause = Interval(milliseconds: 100)
    /// How long after a node that is no coordinator was asked to take this router in it is asked again.
    private static let strangerPause = Interval.seconds(5)
    package private(set) var isOver = false
    /// Set when the coordinator says that this router can never join: the exit code.
    package private(set) var failure: String?

    package var exitCode: Int32? { nil }
    /// Looks at the core where it is: a copy would take longer than most looks. Not from within another look at it.
    package func withCore<Result>(_ look: (Router) -> Result) -> Result { show(&router, look) }

    /// `newest` is the wire version that it speaks when it may.
    package init(
        place: Place, network: any Network, now: Now, log: Log, speaking newest: UInt8 = wireVersion,
        flaws: Flaws = .none, points: Points = .none
    ) {
        dialect = Dialect(upTo: newest)
        self.place = place
        self.network = network
        self.log = log
        router = Router(name: place.name, flaws: flaws, points: points)
        standing = .joining(next: now.instant)
    }

    package var nextDeadline: Instant? {
        if !lostAsks.isEmpty { return Instant(milliseconds: 0) }
        return switch standing {
        case .joining(let next): min(next, router.nextDeadline ?? next)
        case .draining(let since): min(since + Limits.drainPatience, router.nextDeadline ?? since)
        case .leaving(let until): until
        case .asking, .member: deferred.first.map { min($0.due, router.nextDeadline ?? $0.due) } ?? router.nextDeadline
        }
    }

    package func turn(_ arrivals: [Arrival], at now: Now) {
        traffic.turns += 1
        router.step(.turnBegins, at: now, into: &effects)
        let lost = lostAsks
        lostAsks = []
        for tag in lost { fail(tag, at: now) }
        while let first = deferred.first, first.due <= now.instant {
            deferred.removeFirst()
            fail(first.tag, at: now)
        }
        for arrival in arrivals.withoutDeserted(&traffic) { take(arrival, at: now) }
        router.step(.turnEnds, at: now, into: &effects)
        if !effects.isEmpty {
            for effect in effects { perform(effect, at: now) }
            effects.removeAll(keepingCapacity: true)
        }
        advance(at: now)
    }

    private func advance(at now: Now) {
        switch standing {
        case .joining(let next) where next <= now.instant:
            standing = .asking
            let join = Join(
                name: place.name, region: place.region, address: place.address, gossipAddress: place.gossipAddress)
            ask(place.coordinator, Ask.join, .join(join), dialect.own, patience: .seconds(2))
        case .draining(let since) where mayLeave(since: since, at: now): leave(at: now)
        case .leaving(let until) where until <= now.instant: isOver = true
        case .joining, .asking, .member, .draining, .leaving: break
        }
    }

    /// Nothing is left here, or nobody is there to take it, or it takes too long. A coordinator that does not even
    /// answer is ending too.
    private func mayLeave(since: Instant, at now: Now) -> Bool {
        let waited = now.instant.since(since)
        let isHeard = router.isDraining || waited < .seconds(1)
        return router.isDrained || !router.hasRefuge || !isHeard || waited >= Limits.drainPatience
    }

    private func ask(_ address: String, _ tag: UInt64, _ request: Request, _ version: UInt8, patience: Interval) {
        let bytes = Frame.encode(request, version: version)
        traffic.went(bytes)
        let isHasty = tag % 4 == 3 && router.points.contains(.hastyAsks)
        network.ask(address, tag: tag, bytes, patience: isHasty ? router.points.hastyPatience : patience)
    }

    // MARK: - what arrives

    private func take(_ arrival: Arrival, at now: Now) {
        switch arrival {
        case .request(let token, let pipe, let bytes):
            traffic.came(bytes)
            let version = Frame.answerVersion(bytes, upTo: dialect.newest)
            let asked = RequestToken(AskedToken.with(token, version))
            do throws(WireError) {
                step(try read(Request.self, bytes), asked, PipeID(pipe), at: now)
            } catch {
                notUnderstood("a request", error)
                reply(.refused(.notUnderstood), asked)
            }
        case .disconnected(let pipe): router.step(.disconnected(PipeID(pipe)), at: now, into: &effects)
        case .answered(let tag, let bytes):
            traffic.came(bytes)
            do throws(WireError) {
                conclude(tag, try read(Reply.self, bytes), at: now)
            } catch {
                notUnderstood("an answer", error)
                fail(tag, at: now)
            }
        case .failed(let tag): fail(tag, at: now)
        case .published(let bytes):
            traffic.came(bytes)
            traffic.gossipBytesIn += UInt64(bytes.count)
            do throws(WireError) {
                router.step(.gossiped(try read(Gossip.self, bytes)), at: now, into: &effects)
            } catch {
                notUnderstood("a publication", error)
            }
        case .silent(let address):
            traffic.redials += 1
            let who = address == place.coordinator ? "the coordinator, \(address)" : address
            log.warning("nothing comes from \(who): dialling anew")
            network.redial(address)
        case .turnedAway: traffic.turnedAway += 1
        case .shed(let requests, let publications): traffic.shed(requests: requests, publications: publications)
        case .stop: stop(at: now)
        case .written: break
        case .reload, .loaded: log.info("a router has no cluster file: its policy comes from the coordinator")
        }
    }

    private func read<Value: WireValue>(_: Value.Type, _ bytes: [UInt8]) throws(WireError) -> Value {
        try Frame.decode(Value.self, bytes, upTo: dialect.newest)
    }

    private func notUnderstood(_ what: String, _ error: WireError) {
        traffic.wireErrors += 1
        log.warning("\(what) was not understood: \(error)")
    }

    private func step(_ request: Request, _ token: RequestToken, _ pipe: PipeID, at now: Now) {
        switch request {
        case .submit(let tickets, let patience):
            guard tickets.count <= Limits.submissionsPerMessageMax else { return reply(.refused(.full), token) }
            let patience = min(patience, Limits.submitPatience)
            router.step(.submit(tickets, token, patience: patience), at: now, into: &effects)
        case .attach(let attach): router.step(.attach(attach, token, pipe), at: now, into: &effects)
        case .poll(let poll): router.step(.poll(poll, token, pipe), at: now, into: &effects)
        case .query(.show(let ticket)): router.step(.query(.show(ticket), token), at: now, into: &effects)
        case .query(.manage(let manage)): router.step(.query(.manage(manage), token), at: now, into: &effects)
        case .query(.drain(let name, let isOn)):
            router.step(.query(.drain(router: name, isOn: isOn), token), at: now, into: &effects)
        case .query(.own(let region, let name)):
            router.step(.query(.own(region: region, router: name), token), at: now, into: &effects)
        case .query(.status): router.step(.query(.status, token), at: now, into: &effects)
        case .peer(let peer): router.step(.peerAsked(peer, token), at: now, into: &effects)
        case .vitals: reply(.vitals(vitals), token)
        case .explainTicket(let ticket): router.step(.explain(.ticket(ticket), token), at: now, into: &effects)
        case .explainAgent(let name):
            guard let agent = router.policy.agent(named: name) else { return reply(.refused(.notFound), token) }
            router.step(.explain(.agent(agent.id), token), at: now, into: &effects)
        case .browse(let name):
            guard let agent = router.policy.agent(named: name) else { return reply(.refused(.notFound), token) }
            router.step(.browse(agent.id, token), at: now, into: &effects)
        case .join, .leave, .exchange, .query, .reload: reply(.refused(.notUnderstood), token)
        }
    }

    private func conclude(_ tag: UInt64, _ reply: Reply, at now: Now) {
        let id = tag & ~Ask.kind
        switch (tag & Ask.kind, reply) {
        case (Ask.join, .joined(let joined)):
            standing = .member
            log.info("joined as incarnation \(joined.incarnation.value), policy \(joined.policy.version)")
            router.step(.joined(joined), at: now, into: &effects)
        case (Ask.join, .refused(.notUnderstood, _)) where dialect.stepBack():
            log.warning(
                "the coordinator does not speak wire version \(dialect.newest): this router speaks \(dialect.own) until"
                    + " it joins anew; upgrade the coordinator, then restart this router")
            standing = .joining(next: now.instant)
        case (Ask.join, .refused(.notUnderstood, _)):
            log.error("\(place.coordinator) takes no routers: it is no coordinator, or another program; asking again")
            standing = .joining(next: now.instant + Self.strangerPause)
        case (Ask.join, .routerRefused(.nameTaken)):
            log.warning(
                "another router is called \(place.name), and lives: give this one another name; asking again")
            standing = .joining(next: now.instant + .seconds(1))
        case (Ask.join, .routerRefused(.unknownRegion)):
            failure = "the policy has no region \"\(place.region)\""
            isOver = true
        case (Ask.join, .routerRefused(let refusal)):
            log.warning("the coordinator does not let us join: \(refusal)")
            standing = .joining(next: now.instant + .seconds(1))
        case (Ask.exchange, .exchanged(let exchanged)):
            router.step(.exchanged(id, exchanged), at: now, into: &effects)
        case (Ask.exchange, .routerRefused(.notMember)):
            switch standing {
            case .member:
                log.warning("the coordinator no longer counts us as a member: joining anew")
                router.step(.membershipLost, at: now, into: &effects)
            case .draining: isOver = true
            case .joining, .asking, .leaving: break
            }
        case (Ask.exchange, .routerRefused(.gap)): router.step(.exchangeRefused(id), at: now, into: &effects)
        case (Ask.exchange, .refused(.busy, _)): deferred.append((now.instant + Self.busyPause, tag))
        case (Ask.peer, .peer(let answer)): router.step(.peerAnswered(id, answer), at: now, into: &effects)
        case (Ask.leave, _): isOver = true
        default: fail(tag, at: now)
        }
    }

    private func fail(_ tag: UInt64, at now: Now) {
        let id = tag & ~Ask.kind
        switch tag & Ask.kind {
        case Ask.join: standing = .joining(next: now.instant + Interval(milliseconds: 300))
        case Ask.exchange: router.step(.exchangeFailed(id), at: now, into: &effects)
        case Ask.peer: router.step(.peerAnswered(id, nil), at: now, into: &effects)
        default: break
        }
    }

    /// Ends in peace: regions and sessions go to others first. Asked twice, it does not wait for them.
    private func stop(at now: Now) {
        switch standing {
        case .member:
            log.info("asked to end: regions and sessions go to other routers first")
            router.step(.leaves, at: now, into: &effects)
            standing = .draining(since: now.instant)
        case .draining: leave(at: now)
        case .joining, .asking, .leaving: isOver = true
        }
    }

    /// The coordinator hears it and gives away at once what is left.
    private func leave(at now: Now) {
        router.step(.ends, at: now, into: &effects)
        for effect in effects { perform(effect, at: now) }
        effects.removeAll(keepingCapacity: true)
        standing = .leaving(until: now.instant + .seconds(1))
        ask(place.coordinator, Ask.leave, .leave(router.incarnation), dialect.own, patience: .seconds(1))
    }

    // MARK: - what is done

    private func perform(_ effect: Router.Effect, at now: Now) {
        switch effect {
        case .exchange(let exchange, let id):
            ask(
                place.coordinator, Ask.exchange | id, .exchange(exchange), dialect.own,
                patience: exchange.park + .seconds(2))
        case .rejoin:
            dialect.joinsAnew()
            standing = .joining(next: now.instant)
        case .submitted(let results, let token): reply(.submitted(results), token)
        case .attached(let attached, let token): reply(.attached(attached), token)
        case .sessionAnswer(let answer, let token): reply(.session(answer), token)
        case .noSession(let token): reply(.noSession, token)
        case .move(let routers, let token): reply(.move(routers), token)
        case .answered(let outcome, let token): reply(.answered(outcome, router.policy.catalog), token)
        case .explained(let explained, let token): reply(.explained(explained, router.policy.catalog), token)
        case .browsed(let browsed, let token): reply(.browsed(browsed, router.policy.catalog), token)
        case .ask(let peer, let request, let call):
            guard let address = router.membership.routers.first(where: { $0.incarnation == peer })?.address else {
                lostAsks.append(Ask.peer | call)
                return
            }
            ask(address, Ask.peer | call, .peer(request), dialect.peers, patience: .seconds(1))
        case .peerReply(let answer, let token): reply(.peer(answer), token)
        case .publish(let gossip):
            let bytes = Frame.encode(gossip, version: dialect.peers)
            traffic.published += 1
            traffic.gossipBytesOut += UInt64(bytes.count)
            traffic.went(bytes)
            network.publish(bytes)
        case .membership(let membership):
            dialect.heard(of: membership.routers)
            let others = membership.routers.filter { $0.incarnation != router.incarnation }
            network.subscribe(to: others.map(\.gossipAddress))
            network.keep(others.map(\.address) + [place.coordinator])
        case .report(let report): log.info(report.sentence)
        }
    }

    private func reply(_ reply: Reply, _ token: RequestToken) {
        let asked = AskedToken.parts(token.value)
        let bytes = Frame.encode(reply, version: asked.version)
        traffic.went(bytes)
        network.reply(asked.token, bytes)
    }

    private var vitals: Vitals {
        let counters = router.counters
        return Vitals(
            role: "router", name: place.name,
            values: traffic.vitals + [
                Vital("gossipShed", traffic.gossipShed), Vital("gossipBytesOut", traffic.gossipBytesOut),
                Vital("gossipBytesIn", traffic.gossipBytesIn),
                Vital("incarnation", router.incarnation.value), Vital("policy", UInt64(router.policy.version)),
                Vital("submitted", counters.submitted),
                Vital("refused", counters.refused),
                Vital("submissionsStale", counters.stale), Vital("offersMade", counters.offersMade),
                Vital("offersToOtherRouters", counters.offersToOtherRouters),
                Vital("offersDeclined", counters.offersDeclined),
                Vital("offersExpiredSeen", counters.offersExpiredSeen),
                Vital("offersExpiredUnseen", counters.offersExpiredUnseen),
                Vital("offersWithdrawn", counters.offersWithdrawn), Vital("claims", counters.claims),
                Vital("offersAdopted", counters.offersAdopted), Vital("sessionsMoved", counters.sessionsMoved),
                Vital("accepted", counters.accepted), Vital("openedAssigned", counters.openedAssigned),
                Vital("attemptsUnreported", counters.attemptsUnreported),
                Vital("acceptedLate", counters.acceptedLate),
                Vital("givenBack", counters.givenBack), Vital("sweepFound", counters.sweepFound),
                Vital("snapshotsAsked", counters.snapshotsAsked), Vital("peersLost", counters.peersLost),
                Vital("loadsRepaired", counters.loadsRepaired),
            ] + router.gauges.map { Vital($0.name, UInt64($0.value)) } + counters.refusals.vitals,
            program: Version.program, library: network.library)
    }
}

extension Router.Report {
    var sentence: String {
        switch self {
        case .owns(let region, let epoch): "owns region \(region), epoch \(epoch.value)"
        case .noLongerOwns(let region): "no longer owns region \(region)"
        case .sessionEnded(let agents): "a session ended with \(agents) agents"
        case .loadRepaired(let agent): "alert: agent \(agent) had other tickets than in the ledger; put right"
        }
    }
}
