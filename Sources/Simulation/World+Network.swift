import Node
import Routing

/// Questions and answers on their way, and what becomes of them when connections end.
extension World {
    /// How long after the end of a connection the other side hears of it.
    private static let hangUpMax: UInt64 = 50
    /// How long a node keeps a connection on which nothing comes; see `ReplyLimits`.
    private static let silenceMax: UInt64 = 60_000
    /// The shortest time without a sign of life after which a connection is made anew; see `NNGNetwork`.
    private static let heartSilence: UInt64 = 900

    private func way(_ from: Int, _ to: Int) -> UInt64 {
        network.between(1, isHealed ? 1 : options.delayMax) + links.delay(from, to)
    }

    private func breaks() -> Bool {
        !isHealed && options.connectionsBroken > 0 && network.chance(options.connectionsBroken, of: 10_000)
    }

    // MARK: - asking

    func ask(
        from asker: Int, life: Int, _ address: String, _ tag: UInt64, _ bytes: [UInt8], _ patience: Interval,
        leaves: UInt64? = nil
    ) {
        guard let target = seat(at: address), target < seats.count else {
            let token = calls.add(Call(asker: asker, life: life, target: 0, tag: tag, bytes: [], isSent: true))
            return queue.add(.broken(call: token), at: time + 1)
        }
        let token = calls.add(Call(asker: asker, life: life, target: target, tag: tag, bytes: bytes))
        calls.wait(for: token, patience.milliseconds, from: time, &queue)
        links.connect(asker, target, process: seats[target].process, at: time)
        links.asked(asker, target, token)
        transmit(token, leaves ?? time)
    }

    /// Puts a question on its way, if there is somebody at the other end.
    private func transmit(_ token: UInt64, _ leaves: UInt64) {
        guard let call = calls[token], seats[call.target].node != nil else { return }
        calls.sent(token)
        if breaks() { return breakDown(call.asker, call.target) }
        guard let link = links[call.asker, call.target], !link.isHalfOpen, !links.isCut(call.asker, call.target) else {
            return
        }
        var due = leaves + way(call.asker, call.target)
        if !options.isReordering { due = max(due, link.arrivesThere) }
        links.update(call.asker, call.target) { $0.arrivesThere = due }
        queue.add(.request(call: token), at: due)
    }

    /// A node has come up: what waited for somebody to listen there is sent now.
    func sendWaiting(to target: Int) {
        for asker in links.askers(of: target) {
            links.update(asker, target) { $0.process = seats[target].process }
            for token in links.open(asker, target) where calls[token]?.isSent == false {
                transmit(token, time + network.between(10, 200))
            }
        }
    }

    func arrive(_ token: UInt64) {
        guard let call = calls[token], let link = links[call.asker, call.target] else { return }
        guard link.process == seats[call.target].process, !links.isCut(call.asker, call.target) else { return }
        digest.add(time, call.asker, call.target, call.bytes)
        trace?.request(call, self)
        checkVersion(call.bytes, to: call.target)
        deliver(.request(token: token, pipe: link.pipe, bytes: call.bytes), to: call.target, link.process)
    }

    // MARK: - answering

    func reply(from place: Int, _ token: UInt64, _ bytes: [UInt8], _ leaves: UInt64) {
        guard let call = calls[token], call.target == place else { return }
        if breaks() { return breakDown(call.asker, call.target) }
        guard let link = links[call.asker, place], !link.isHalfOpen, !links.isCut(place, call.asker) else { return }
        var due = leaves + way(place, call.asker)
        if !options.isReordering { due = max(due, link.arrivesBack) }
        links.update(call.asker, place) { $0.arrivesBack = due }
        queue.add(.answer(call: token, bytes), at: due)
    }

    func answered(_ token: UInt64, _ bytes: [UInt8]) {
        guard let call = calls[token], !links.isCut(call.target, call.asker) else { return }
        links.update(call.asker, call.target) { $0.lastBeat = time }
        digest.add(time, call.target, call.asker, bytes)
        trace?.reply(call, bytes, self)
        checkVersion(bytes, to: call.asker)
        conclude(token, call, bytes)
    }

    func overdue(patience: Int) {
        let token = calls.overdue(patience, &queue)
        guard let call = calls[token] else { return }
        if call.asker < seats.count, call.isSent, let link = links[call.asker, call.target],
            time - link.lastBeat > Self.heartSilence
        {
            links.update(call.asker, call.target) { $0.lastBeat = time }
            let address = call.target == 0 ? "coordinator" : routerAddress(call.target - 1)
            deliver(.silent(address), to: call.asker, call.life)
        }
        fail(token)
    }

    func fail(_ token: UInt64) {
        guard let call = calls[token] else { return }
        conclude(token, call, nil)
    }

    /// Tells the asker, once.
    private func conclude(_ token: UInt64, _ call: Call, _ bytes: [UInt8]?) {
        calls.remove(token)
        links.concluded(call.asker, call.target, token)
        if call.asker < seats.count {
            let arrival = bytes.map { Arrival.answered(tag: call.tag, bytes: $0) } ?? .failed(tag: call.tag)
            deliver(arrival, to: call.asker, call.life)
        } else if call.asker < customers {
            answer(program: call.asker - seats.count, life: call.life, call.tag, bytes)
        } else {
            answer(customer: call.tag, bytes)
        }
    }

    // MARK: - publishing

    func publish(from place: Int, _ bytes: [UInt8]) {
        for hearer in seats.indices where seats[hearer].publishers.contains(place) {
            guard seats[hearer].node != nil, !links.isCut(place, hearer) else { continue }
            var copies = 1
            if !isHealed {
                if options.publicationsLost > 0, network.chance(options.publicationsLost, of: 1_000) { copies = 0 }
                if options.publicationsDoubled > 0, network.chance(options.publicationsDoubled, of: 1_000) {
                    copies += 1
                }
            }
            for _ in 0..<copies {
                queue.add(
                    .published(seat: hearer, process: seats[hearer].process, bytes), at: time + way(place, hearer))
            }
        }
    }

    // MARK: - the end of connections

    /// A connection breaks with something on the way: both sides hear of it.
    private func breakDown(_ asker: Int, _ target: Int) { close(asker, target, isPowerLost: false) }

    /// The asker closes his connection.
    func disconnect(_ asker: Int, from address: String) {
        if let target = seat(at: address), target < seats.count { close(asker, target, isPowerLost: false) }
    }

    /// The asker is gone with all of his connections.
    func disconnectAll(of asker: Int, isPowerLost: Bool) {
        for target in links.targets(of: asker) { close(asker, target, isPowerLost: isPowerLost) }
    }

    func keep(_ asker: Int, _ targets: [Int]) {
        for target in links.targets(of: asker) where !targets.contains(target) {
            close(asker, target, isPowerLost: false)
        }
    }

    private func close(_ asker: Int, _ target: Int, isPowerLost: Bool) {
        guard let (link, open) = links.remove(asker, target) else { return }
        for token in open { queue.add(.broken(call: token), at: time + 1) }
        let isHeard = !isPowerLost && !link.isHalfOpen && !links.isCut(asker, target)
        let delay = isHeard ? network.between(1, Self.hangUpMax) : Self.silenceMax
        queue.add(.hungUp(seat: target, process: link.process, pipe: link.pipe), at: time + delay)
    }

    /// A node is gone: whoever has asked it hears so, unless its machine went with it.
    func hangUpAll(at target: Int, isPowerLost: Bool) {
        for asker in links.askers(of: target) {
            let isHeard = !isPowerLost && !links.isCut(target, asker)
            guard isHeard, let (_, open) = links.remove(asker, target) else { continue }
            for token in open {
                queue.add(.broken(call: token), at: time + network.between(1, Self.hangUpMax))
            }
        }
    }
}
