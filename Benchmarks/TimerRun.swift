import Dispatch
import Glibc
import Routing

/// Ten million armed timers: what each takes of memory, what arming and cancelling cost, and the longest turn of a day
/// in which all of them come out. Processor time of this thread alone, so that what else the machine does is not in it.
struct TimerRun {
    private let count: Int
    private var wheel = TimingWheel(at: 0)
    private var handles: [TimingWheel.Handle] = []
    private var random = SplitMix64(seed: 11)
    private static let day: UInt64 = 86_400_000

    init(timers count: Int) { self.count = count }

    /// Bounds in the figures' own units: bytes, nanoseconds, microseconds.
    static let bounds = ["bytes a timer": 16.5, "ns to arm or cancel": 200, "us the longest turn of timers": 5_000]

    consuming func measure() -> [String: Double] {
        handles.reserveCapacity(count)
        for _ in 0..<count { handles.append(TimingWheel.Handle(index: 0)) }
        let empty = bytesResident()
        wheel.reserve(count)
        let arming = perOperation(count) { run in
            for index in 0..<run.count { run.handles[index] = run.wheel.arm(due: run.random.next() % Self.day) }
        }
        let bytes = Double(bytesResident() - empty) / Double(count)
        // As the coordinator does: a ticket's timer is armed anew soon after it was, or at some time of the day.
        let changes = 1_000_000
        let first = random.below(count - changes)
        let changing = perOperation(2 * changes) { run in
            for index in first..<(first + changes) {
                run.wheel.cancel(run.handles[index])
                run.handles[index] = run.wheel.arm(due: run.random.next() % Self.day)
            }
        }
        let longest = turnThroughTheDay()
        print("\(count) timers: \(bytes) bytes each, armed in \(arming) ns, cancelled or armed anew in \(changing) ns,")
        print("  longest turn of 10 ms in a day \(longest) us")
        return [
            "bytes a timer": bytes, "ns to arm or cancel": max(arming, changing),
            "us the longest turn of timers": longest,
        ]
    }

    private mutating func perOperation(_ operations: Int, _ body: (inout TimerRun) -> Void) -> Double {
        let start = threadNanoseconds()
        body(&self)
        return Double(threadNanoseconds() - start) / Double(operations)
    }

    private mutating func turnThroughTheDay() -> Double {
        var now: UInt64 = 0
        var longest: UInt64 = 0
        while now < Self.day {
            now += 10
            let start = threadNanoseconds()
            var work = Limits.timerWorkPerTurnMax
            while wheel.popDue(at: now, work: &work) != nil {}
            longest = max(longest, threadNanoseconds() - start)
        }
        return Double(longest) / 1_000
    }
}

/// Processor time of this thread.
func threadNanoseconds() -> UInt64 {
    var time = timespec()
    // Cannot fail for this clock; the pointer lives through the call.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
