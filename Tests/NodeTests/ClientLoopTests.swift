import Routing
import Synchronization
import Testing

@testable import AgentClient

@Suite("the thread of clients' sessions") struct ClientLoopTests {
    /// The end may come while a turn is under way, with what the listeners asked for meanwhile.
    @Test("the end is heard whenever it comes", .timeLimit(.minutes(1)))
    func end() async {
        for _ in 0..<50 {
            let loop = ClientLoop(clock: MonotonicClock.now)
            let core = AgentSession(
                instance: ClientInstance(1), agents: ["ana"], routers: ["127.0.0.1:1"], grace: .seconds(10),
                park: .seconds(1), at: loop.now())
            let number = loop.add(core) { _ in }
            for _ in 0..<20 { loop.step(number, .command(agent: "ana", .endWrapUp, tag: 1)) }
            loop.step(number, .stop)
            await withCheckedContinuation { continuation in
                Closing.run {
                    loop.end()
                    continuation.resume()
                }
            }
        }
    }

    @Test("an end that a listener asks for in the midst of a turn is heard", .timeLimit(.minutes(1)))
    func endFromListener() async {
        let loop = ClientLoop(clock: MonotonicClock.now)
        let core = AgentSession(
            instance: ClientInstance(1), agents: ["ana"], routers: ["127.0.0.1:1"], grace: .seconds(10),
            park: .seconds(1), at: loop.now())
        await withCheckedContinuation { continuation in
            let isAsked = Mutex(false)
            let asked: @Sendable () -> Void = {
                guard
                    !isAsked.withLock({ was in
                        defer { was = true }
                        return was
                    })
                else { return }
                Closing.run {
                    loop.end()
                    continuation.resume()
                }
            }
            let number = loop.add(core) { effect in
                // Within the turn, and not over before the other thread has asked.
                if case .result = effect {
                    asked()
                    let until = MonotonicClock.now().instant + Interval(milliseconds: 100)
                    while MonotonicClock.now().instant < until {}
                }
            }
            loop.step(number, .stop)
            loop.step(number, .command(agent: "ana", .endWrapUp, tag: 1))
        }
    }
}
