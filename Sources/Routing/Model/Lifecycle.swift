/// What may be done with a ticket in which state. One table, read by the coordinator and by its test; "w" is done and
/// the ticket waits afterwards, "c" is done and it is closed, "s" it is scheduled, "=" is done and it stays where it
/// is; else the refusal. Everything that gives "w", "c" or "s" raises the fence.
///
///     command      waiting  assigned  pending  resolved    scheduled   quarantined  closed
///     write        =        =         = or w   w           =           =            closed
///     cancel       c        c         c        c           c           c            closed
///     reopen       already  already   already  w           wrongState  wrongState   closed
///     merge        c        c         c        c           c           c            closed
///     schedule     s        s         s        wrongState  s           wrongState   closed
///     callback     =        wrongState wrongState wrongState = wrongState closed
///     requeue      already  w         w        wrongState  w           wrongState   closed
///     assign       w        w         w        wrongState  w           wrongState   closed
///     transfer     w        w         w        wrongState  w           wrongState   closed
///     escalate     w        w         w        wrongState  w           wrongState   closed
///     release      wrongState wrongState wrongState wrongState wrongState w closed
///     setPriority  =        =         =        wrongState  =           =            closed
///     close        wrongState wrongState wrongState c wrongState wrongState closed
///
/// The holder's own commands (`WorkAction`) need the ticket assigned or pending in his hands under the fence he names,
/// else `gone` (`closed` when it is): `pause` when pending and `resume` when assigned are `already`. `assign` (an
/// accept) needs it waiting under that fence, else `gone`.
package enum Lifecycle {
    package enum Kind: UInt8, Sendable, CaseIterable {
        case write = 1
        case cancel, reopen, merge, schedule, callback, requeue, assign, transfer, escalate, release, setPriority, close
    }

    /// Nil when it may be done.
    package static func refusal(of action: ManageAction, in state: TicketState) -> Refusal? {
        switch (action.kind, state) {
        case (_, .closed): .closed
        case (.write, _), (.cancel, _), (.merge, _): nil
        case (.reopen, .resolved): nil
        case (.reopen, .waiting), (.reopen, .assigned), (.reopen, .pending): .already
        case (.schedule, .waiting), (.schedule, .assigned), (.schedule, .pending), (.schedule, .scheduled): nil
        case (.callback, .waiting), (.callback, .scheduled): nil
        case (.requeue, .waiting): .already
        case (.requeue, .assigned), (.requeue, .pending), (.requeue, .scheduled): nil
        case (.assign, .waiting), (.assign, .assigned), (.assign, .pending), (.assign, .scheduled): nil
        case (.transfer, .waiting), (.transfer, .assigned), (.transfer, .pending), (.transfer, .scheduled): nil
        case (.escalate, .waiting), (.escalate, .assigned), (.escalate, .pending), (.escalate, .scheduled): nil
        case (.release, .quarantined): nil
        case (.setPriority, .resolved): .wrongState
        case (.setPriority, _): nil
        case (.close, .resolved): nil
        default: .wrongState
        }
    }
}

extension ManageAction {
    package var kind: Lifecycle.Kind {
        switch self {
        case .write: .write
        case .cancel: .cancel
        case .reopen: .reopen
        case .merge: .merge
        case .schedule: .schedule
        case .callback: .callback
        case .requeue: .requeue
        case .assign: .assign
        case .transfer: .transfer
        case .escalate: .escalate
        case .release: .release
        case .setPriority: .setPriority
        case .close: .close
        }
    }
}
