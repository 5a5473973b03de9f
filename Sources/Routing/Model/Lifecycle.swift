/// What may be done with a ticket in which state, and what comes of it: one table, of which the coordinator has the
/// first part as code, and which the test of its name reads here, cell by cell. A cell names the state afterwards (w
/// waiting, a assigned, p pending, r resolved, s scheduled, q quarantined, c closed), with + when the fence rises by
/// one; "=" is done and changes neither; another word is the refusal, which changes nothing; "-" is a timer that does
/// nothing then.
///
///     manage                  waiting      assigned     pending      resolved     scheduled    quarantined  closed
///     write                   =            =            a            w+           =            =            closed
///     write, holder full      =            =            w+           w+           =            =            closed
///     write, holder away      =            =            w+           w+           =            =            closed
///     cancel                  c+           c+           c+           c+           c+           c+           closed
///     reopen                  already      already      already      w+           wrongState   wrongState   closed
///     merge                   c+           c+           c+           c+           c+           c+           closed
///     schedule                s+           s+           s+           wrongState   s+           wrongState   closed
///     callback                =            wrongState   wrongState   wrongState   =            wrongState   closed
///     requeue                 already      w+           w+           wrongState   w+           wrongState   closed
///     assign                  w+           w+           w+           wrongState   w+           wrongState   closed
///     transfer                w+           w+           w+           wrongState   w+           wrongState   closed
///     escalate                w+           w+           w+           wrongState   w+           wrongState   closed
///     release                 wrongState   wrongState   wrongState   wrongState   wrongState   w+           closed
///     setPriority             =            =            =            wrongState   =            =            closed
///     close                   wrongState   wrongState   wrongState   c+           wrongState   wrongState   closed
///
///     work                    waiting      assigned     pending      resolved     scheduled    quarantined  closed
///     reply                   gone         =            =            gone         gone         gone         closed
///     note                    gone         =            =            gone         gone         gone         closed
///     pause                   gone         p            already      gone         gone         gone         closed
///     resume                  gone         already      a            gone         gone         gone         closed
///     escalate                gone         w+           w+           gone         gone         gone         closed
///     sendDown                gone         w+           w+           gone         gone         gone         closed
///     transfer                gone         w+           w+           gone         gone         gone         closed
///     handOver                gone         w+           w+           gone         gone         gone         closed
///     handOut                 gone         r            r            gone         gone         gone         closed
///     putOff                  gone         s+           s+           gone         gone         gone         closed
///     giveBack                gone         w+           w+           gone         gone         gone         closed
///     resolve                 gone         r            r            gone         gone         gone         closed
///     any, older fence        gone         gone         gone         gone         gone         gone         closed
///     any, not the holder     gone         gone         gone         gone         gone         gone         closed
///
///     offers                  waiting      assigned     pending      resolved     scheduled    quarantined  closed
///     assign                  a+           gone         gone         gone         gone         gone         closed
///     assign, older fence     gone         gone         gone         gone         gone         gone         closed
///     attempted               =            gone         gone         gone         gone         gone         gone
///     attempted, the last     q+           gone         gone         gone         gone         gone         gone
///     attempted, older fence  gone         gone         gone         gone         gone         gone         gone
///
///     timers                  waiting      assigned     pending      resolved     scheduled    quarantined  closed
///     grace                   -            w+           w+           -            -            -            -
///     grace, the last         -            q+           q+           -            -            -            -
///     pause                   -            -            a            -            -            -            -
///     reopen window           -            -            -            c+           -            -            -
///     start                   -            -            -            -            w+           -            -
///     maximum life            c+           c+           c+           c+           c+           c+           -
///
/// "manage" is what customers and supervisors do, under a key; "work" what the holder does (`WorkAction`), under the
/// fence that he was given; "offers" what routers report, where the last attempt is that of `Timing.attemptsMax`.
/// "grace" is the end of the holder's, and its last the one of `Timing.deathsMax`. What is done is answered with the
/// fence afterwards, and a repeat under its key or number likewise, whatever came between.
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
