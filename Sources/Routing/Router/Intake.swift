/// A ticket arrives: checked, classified, sent to the ledger; the submitter hears when the ledger has it.
struct PendingSubmit: Sendable {
    let tickets: [KeyedSubmission]
    var results: [SubmitResult?]
    var missing: Int
    /// Until when the submitter waits.
    let until: Instant
}

extension Router {
    mutating func submit(
        _ tickets: [KeyedSubmission], _ token: RequestToken, until: Instant, at now: Now, _ effects: inout [Effect]
    ) {
        var pending = PendingSubmit(tickets: tickets, results: [], missing: 0, until: until)
        for (index, ticket) in tickets.enumerated() {
            counters.submitted += 1
            if let refusal = enqueue(ticket, token, index, tries: 0, until: until, at: now) {
                counters.refused += 1
                pending.results.append(refusal)
            } else {
                pending.results.append(nil)
                pending.missing += 1
            }
        }
        submits[token] = pending
        finishSubmit(token, &effects)
    }

    /// Puts the command for a ticket into the outbox, or says why not.
    private mutating func enqueue(
        _ ticket: KeyedSubmission, _ token: RequestToken, _ index: Int, tries: Int, until: Instant, at now: Now
    ) -> SubmitResult? {
        if let field = ticket.submission.fieldAtFault { return .refused(.invalid, field: field) }
        if ticket.delay > Limits.delayMax { return .refused(.invalid, field: "delay") }
        guard isLeased(at: now) else { return refused(.unavailable, at: now) }
        let isLate = outbox.submitDelay(at: now.instant) > Limits.submitDelayMax
        guard tries > 0 || !isLate && outbox.count < outbox.waitingMax / 2, !outbox.isFull else {
            return refused(.busy, at: now)
        }
        guard let classification = policy.classify(ticket.submission) else { return refused(.unavailable, at: now) }
        let open = Command.Open(
            key: ticket.key, hash: ticket.submission.digest, policyVersion: policy.version,
            classification: classification, submission: ticket.submission, delay: ticket.delay)
        if ticket.delay == .zero, let (agent, epoch, decision) = taker(of: open, at: now) {
            let expected = ExpectedWork(
                key: open.key, cost: classification.cost, channel: ticket.submission.channel)
            change(agent, shows: false, at: now) { $0.expected.append(expected) }
            outbox.add(
                .openAssigned(open, agent, epoch, decision), for: .submit(token, index, tries: tries), at: now.instant,
                until: until)
        } else {
            opening[classification.group, default: 0] += 1
            outbox.add(.open(open), for: .submit(token, index, tries: tries), at: now.instant, until: until)
        }
        return nil
    }

    /// With how long to wait, as long as what waits already has waited: the backlog needs at least that.
    private func refused(_ refusal: Refusal, at now: Now) -> SubmitResult {
        let pause: Interval =
            switch refusal {
            case .busy: max(Limits.retryAfterLeast, outbox.submitDelay(at: now.instant))
            case .unavailable, .hold, .unknown: .seconds(1)
            case .full: .seconds(5)
            case .diskFull: Limits.retryAfterMost
            default: .zero
            }
        return .refused(refusal, field: "", retryAfter: min(pause, Limits.retryAfterMost))
    }

    /// Submissions that have not left and whose submitters wait no longer: certainly not done.
    mutating func dropStale(at now: Now, _ effects: inout [Effect]) {
        for entry in outbox.takeStale(at: now.instant) {
            guard case .submit(let token, let index, let tries) = entry.purpose else { continue }
            counters.stale += 1
            settleOpening(entry.command, .refused(.busy), at: now)
            settleSubmit(token, index, tries, .refused(.busy), at: now, &effects)
        }
    }

    mutating func settleSubmit(
        _ token: RequestToken, _ index: Int, _ tries: Int, _ outcome: Outcome, at now: Now, _ effects: inout [Effect]
    ) {
        guard let pending = submits[token] else { return }
        let result: SubmitResult
        switch outcome {
        case .opened(let ticket): result = .accepted(ticket)
        case .assigned(let assignment): result = .accepted(assignment.ticket)
        case .refused(.stalePolicy) where tries < 3:
            // The same answer brought the new policy, or the next one will.
            let refusal = enqueue(
                pending.tickets[index], token, index, tries: tries + 1, until: pending.until, at: now)
            guard let refusal else { return }
            result = refusal
        case .refused(let refusal):
            counters.refused += 1
            result = refused(refusal == .stalePolicy ? .unavailable : refusal, at: now)
        default: result = refused(.unknown, at: now)
        }
        _ = submits.update(token) {
            $0.results[index] = result
            $0.missing -= 1
        }
        finishSubmit(token, &effects)
    }

    private mutating func finishSubmit(_ token: RequestToken, _ effects: inout [Effect]) {
        guard let pending = submits[token], pending.missing == 0 else { return }
        submits[token] = nil
        for case .refused(let refusal, _, _)? in pending.results { counters.refusals.add(refusal) }
        effects.append(.submitted(pending.results.compactMap { $0 }, token))
    }

    /// What an outsider asks of the coordinator. Nothing is taken while that is not heard from: whoever asks waits for
    /// seconds only, and what he was not told of would be done when it is back.
    mutating func query(_ command: Command, _ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        guard isLeased(at: now) else {
            effects.append(.answered(.refused(.hold), token))
            return
        }
        guard !outbox.isFull else {
            effects.append(.answered(.refused(.unavailable), token))
            return
        }
        if case .manage(let manage) = command, manage.fieldAtFault != nil {
            effects.append(.answered(.refused(.invalid), token))
            return
        }
        outbox.add(command, for: .query(token))
    }
}

extension Command.Open {
    /// Whether a router that keeps the rules could have sent it.
    var isWithinLimits: Bool {
        submission.fieldAtFault == nil && classification.priority <= Limits.priorityMax && delay <= Limits.delayMax
            && classification.signature.requirements.count <= Limits.requirementsMax
    }
}

extension Submission {
    /// The first field that is beyond its bound in `Limits`, as a path a person can find; nil when all is well.
    package var fieldAtFault: String? {
        for (name, word) in [
            ("customer", customer), ("channel", channel), ("segment", segment), ("language", language),
            ("region", region), ("product", product),
        ] where word.utf8.count > Limits.wordBytesMax { return name }
        if labels.count > Limits.labelsMax { return "labels" }
        for (index, label) in labels.enumerated() where label.utf8.count > Limits.wordBytesMax {
            return "labels[\(index)]"
        }
        // No text has more characters than bytes; counting them takes longer.
        let mayBeLong = subject.utf8.count > Limits.subjectCharactersMax
        if subject.utf8.count > Limits.subjectBytesMax || mayBeLong && subject.count > Limits.subjectCharactersMax {
            return "subject"
        }
        if text.utf8.count > Limits.textBytesMax { return "text" }
        if attachments.count > Limits.attachmentsMax { return "attachments" }
        for (index, url) in attachments.enumerated() where url.utf8.count > Limits.attachmentBytesMax {
            return "attachments[\(index)]"
        }
        return nil
    }

    /// 64 bits over all fields: tells another payload under one key.
    package var digest: UInt64 {
        var hash = StableHash()
        for text in [customer, channel, segment, language, region, product, subject, self.text] { hash.add(text) }
        for label in labels { hash.add(label) }
        hash.add(UInt8(0xfe))
        for url in attachments { hash.add(url) }
        return hash.value
    }
}
