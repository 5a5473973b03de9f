import Dispatch
import Foundation
import Simulation
import Synchronization

/// Plays worlds on all cores at once, each on one. What is said of them does not depend on who is ready first: worlds
/// are counted in the order of their seeds, up to the first that failed.
struct SeedPool {
    private struct State {
        /// How many worlds were begun.
        var begun = 0
        /// By number; nil while it is played.
        var runs: [Run?] = []
        /// How many worlds from the first on were handed to the caller.
        var taken = 0
        var failed: Run?
        var error: (any Error)?
        var isOver: Bool { failed != nil || error != nil }
    }

    let cores: Int

    static var coresAll: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// `isMore` is asked with the number of worlds begun before each one; `take` is given every run, in order, up to
    /// the first that failed, which is the result.
    func play(
        while isMore: @Sendable (Int) -> Bool, _ play: @Sendable (Int) throws -> Run, take: @Sendable (Run) -> Void
    ) throws -> Run? {
        let state = Mutex(State())
        DispatchQueue.concurrentPerform(iterations: cores) { _ in
            while let number = Self.next(state, while: isMore) {
                do {
                    let run = try play(number)
                    state.withLock { Self.finish(number, run, &$0, take) }
                } catch { state.withLock { $0.error = error } }
            }
        }
        return try state.withLock { state in
            if let error = state.error { throw error }
            return state.failed
        }
    }

    private static func next(_ state: borrowing Mutex<State>, while isMore: (Int) -> Bool) -> Int? {
        state.withLock { state in
            guard !state.isOver, isMore(state.begun) else { return nil }
            state.begun += 1
            state.runs.append(nil)
            return state.begun - 1
        }
    }

    private static func finish(_ number: Int, _ run: Run, _ state: inout State, _ take: (Run) -> Void) {
        state.runs[number] = run
        while state.failed == nil, state.taken < state.runs.count, let next = state.runs[state.taken] {
            state.runs[state.taken] = nil
            state.taken += 1
            take(next)
            if !next.wrong.isEmpty { state.failed = next }
        }
    }
}
