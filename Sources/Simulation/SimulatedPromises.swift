/// What a simulated company promises: short enough that clocks run out within a run.
extension SimulatedCompany {
    /// The SLA policies of a variant. Of the variants of one company one has other targets, and one lacks a policy, so
    /// that clocks are counted anew at a reload.
    func promises(_ variant: Int) -> [String] {
        guard options.promises > 0 else { return [] }
        let short = options.promised + (variant == 2 ? 7 : 0)
        func target(_ times: Int) -> String { "\"\(times * short)s\"" }
        let pauses = [
            #"["customer", "scheduled"]"#, #"["customer", "hold", "scheduled", "quarantined"]"#, #"["queue"]"#,
        ][options.promises - 1]
        let gold = """
            { name: "gold", when: { segment: "vip" }, warn: [50, 80],
              clocks: { firstResponse: \(target(1)), resolution: \(target(2)) }, pausedBy: { resolution: \(pauses) },
              actions: { "50": { raise: 1 }, "80": { alert: "lead", notify: "floor" },
                         breach: { escalate: true, alert: true } } }
            """
        let mail = """
            { name: "mail", when: { channel: "mail" }, calendar: "odd", warn: [90],
              clocks: { firstResolution: \(target(2)), nextResponse: \(target(1)), groupTime: \(target(1)) },
              pausedBy: { firstResolution: \(pauses), groupTime: \(pauses) }, actions: { breach: { raise: 2 } } }
            """
        let urgent = """
            { name: "urgent", when: { priority: 6, group: ["hq-1", "hq-2"] }, calendar: "even",
              clocks: { periodicUpdate: \(target(1)), vendorTime: \(target(1)), resolution: \(target(3)) },
              pausedBy: { periodicUpdate: \(pauses), resolution: \(pauses) }, warn: [30, 60, 90],
              actions: { "30": { notify: "floor" }, breach: { widen: ["hq-1"], alert: true } } }
            """
        let rest = """
            { name: "rest", clocks: { firstResponse: \(target(2)), resolution: \(target(4)) },
              pausedBy: { firstResponse: \(pauses), resolution: \(pauses) } }
            """
        switch options.promises {
        case 1: return [gold, rest]
        case 2: return variant == 1 ? [gold, urgent] : [gold, mail, urgent]
        default: return variant == 1 ? [mail, urgent, rest] : [gold, mail, urgent, rest]
        }
    }
}
