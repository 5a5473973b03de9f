import Dispatch
import Foundation

/// A small generator whose seed is the whole run (Steele, Lea, Flood 2014).
struct SplitMix64 {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func between(_ low: Int, _ high: Int) -> Int { low + below(high - low + 1) }
}

/// Each operation timed by itself; the operations' results are added up, so that none is optimized away.
struct Times {
    private var nanoseconds: [UInt64] = []
    private(set) var sum: UInt64 = 0

    init(_ count: Int, _ operation: (Int) -> UInt64) {
        nanoseconds.reserveCapacity(count)
        for index in 0..<count {
            let start = DispatchTime.now().uptimeNanoseconds
            sum &+= operation(index)
            nanoseconds.append(DispatchTime.now().uptimeNanoseconds - start)
        }
        nanoseconds.sort()
    }

    func share(_ part: Double) -> UInt64 {
        nanoseconds[min(nanoseconds.count - 1, Int(Double(nanoseconds.count) * part))]
    }
    var median: UInt64 { share(0.5) }

    func show(_ agents: Int, _ what: String) {
        print(
            "\(agents)".filled(8), what.filled(34), "\(median)".filled(9, true), "\(share(0.99))".filled(9, true),
            "\(share(0.999))".filled(9, true))
    }
}

/// Nanoseconds of a clock of processors: `CLOCK_THREAD_CPUTIME_ID` is this thread's, the kernel's work for it included.
func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

extension [Double] {
    /// Of sorted ones, the one below which so large a share of them is; zero if there are none.
    func share(_ part: Double) -> Double { isEmpty ? 0 : self[Swift.min(count - 1, Int(Double(count) * part))] }
}

/// The process's resident set, from /proc: it grows by whole pages, so it says something of large amounts only.
func bytesResident() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
}

extension String {
    func filled(_ width: Int, _ isRight: Bool = false) -> String {
        let rest = String(repeating: " ", count: max(0, width - count))
        return isRight ? rest + self : self + rest
    }
}
