extension Journal {
    /// What need not be done within a commit: to be called after each turn, once its answers have left.
    ///
    /// - Makes the next segment, a few slices a call: twice as far as this one is used, and further in idle turns.
    /// - Looks at the free space, see `isNearlyFull`. A disk that is too full for the next segment only sets it.
    /// - In an idle turn (nothing was committed) marks the end: from then on a bad last batch is known to be damage,
    ///   as a torn write can no longer explain it.
    /// Any other error poisons the journal, as one of `commit` does.
    package mutating func tend(isIdle: Bool) throws(JournalError) {
        if isPoisoned { throw .poisoned }
        do {
            try lookAtSpace()
            try extendDraft(isIdle: isIdle)
            if isIdle { try mark() }
        } catch {
            isPoisoned = true
            throw error
        }
    }

    /// Whether `tend` in an idle turn would do nothing but look at the free space.
    package var isTended: Bool {
        !isNearlyFull && tendsUntilTry == 0 && draft.isWhole && (isMarked || lastReign == 0)
    }

    private mutating func lookAtSpace() throws(JournalError) {
        let missing = UInt64(draft.capacity - draft.written)
        let wanted = reserveBytes + missing
        let free = try storage.freeBytes()
        let isStillShort = isNearlyFull && (tendsUntilTry > 0 || free < wanted + wanted / 4)
        isNearlyFull = isStillShort || free < wanted
    }

    private mutating func extendDraft(isIdle: Bool) throws(JournalError) {
        if tendsUntilTry > 0 {
            tendsUntilTry -= 1
            return
        }
        let slice = JournalLimits.sliceBytes(segmentBytes: segmentBytes)
        let idleEnd = draft.written + (isIdle ? slice : 0)
        let busyEnd = min(2 * segment.offset, draft.written + JournalLimits.slicesPerTurnMax * slice)
        let before = draft.written
        do {
            try draft.extend(to: max(idleEnd, busyEnd), in: storage)
        } catch {
            guard error.isDiskFull else { throw error }
            isNearlyFull = true
            tendsUntilTry = JournalLimits.tendsBetweenTries
            try draft.discard(in: storage)
            return
        }
        counters.syncs += UInt64((draft.written - before + slice - 1) / slice)
    }

    private mutating func mark() throws(JournalError) {
        guard !isMarked, lastReign != 0, segment.hasRoom(for: BatchHeader.bytes) else { return }
        var mark = BatchBuffer()
        mark.finish(reign: lastReign, wall: 0, firstLSN: durableLSN.next, seed: segment.seed)
        try storage.write(segment.name, at: segment.offset, mark.bytes)
        try storage.sync(segment.name)
        segment.offset += mark.bytes.count
        isMarked = true
        counters.syncs += 1
    }

    /// Removes the segments all of whose records have numbers below `lsn`, and gives how many. The newest stays.
    ///
    /// To be called when a verified snapshot holds everything below `lsn`, and the older one that is kept for a
    /// damaged newer one too: see `Snapshots`. The oldest goes first, and its name is gone durably before the next
    /// one goes: so a crash leaves no hole. An error poisons the journal.
    @discardableResult
    package mutating func removeSegments(before lsn: LSN, atMost most: Int = .max) throws(JournalError) -> Int {
        if isPoisoned { throw .poisoned }
        do {
            let names = try storage.list().filter(Segment.isName)
            var removed = 0
            for (name, next) in zip(names, names.dropFirst()) where removed < most {
                guard let first = Segment.firstLSN(of: next), first <= lsn else { break }
                invariant(name != segment.name, "\(name) is being written")
                try storage.remove(name)
                try storage.syncDirectory()
                removed += 1
            }
            return removed
        } catch {
            isPoisoned = true
            throw error
        }
    }
}
