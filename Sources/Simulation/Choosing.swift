import AgentClient
import Routing

/// People of groups in which nobody is asked: they look what there is, and take something of it.
extension World {
    /// Who was shown nothing the last times looks less often.
    func browseLater(_ place: Int) {
        let pause = programs[place].choosing.between(300, isHealed ? 900 : 4_000)
        later(place, .browses, in: pause * (1 + programs[place].emptyLooks))
    }

    func browse(_ place: Int) {
        browseLater(place)
        programs[place].tagLast += 1
        step(place, .browse(agent: programs[place].device.agent, tag: programs[place].tagLast))
    }

    /// The first of what he is shown, or some other; sometimes nothing.
    func take(_ browsed: Browsed, _ place: Int) {
        guard !browsed.tickets.isEmpty else {
            programs[place].emptyLooks = min(programs[place].emptyLooks + 1, 4)
            return
        }
        programs[place].emptyLooks = 0
        let isFirst = programs[place].choosing.chance(1, of: 2)
        let chosen = isFirst ? browsed.tickets[0] : programs[place].choosing.pick(browsed.tickets)
        guard isHealed || programs[place].choosing.chance(4, of: 5) else { return }
        command(place, .take(chosen.ticket, chosen.fence))
    }
}
