import Wire

extension [Arrival] {
    /// Without questions whose connection has ended since they came, as far as they are asked again: nobody hears the
    /// answer. A node that is so far behind that its askers take it for dead, and dial anew, would else do the same for
    /// each of their connections, and never catch up.
    func withoutDeserted(_ traffic: inout Traffic) -> [Arrival] {
        guard contains(where: { if case .disconnected = $0 { true } else { false } }) else { return self }
        // From the end, as a pipe's number may be given again.
        var ended: Set<UInt32> = []
        var kept: [Arrival] = []
        for arrival in reversed() {
            switch arrival {
            case .disconnected(let pipe): ended.insert(pipe)
            case .request(_, let pipe, let bytes) where ended.contains(pipe) && Frame.isRepeated(bytes):
                traffic.deserted += 1
                continue
            default: break
            }
            kept.append(arrival)
        }
        return kept.reversed()
    }
}
