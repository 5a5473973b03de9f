import Routing
import Wire

/// Worlds in the midst of an upgrade: the coordinator speaks the newest wire version, some routers the one before until
/// their process ends and they are started anew, and while there are such routers at first, so do all clients.
extension World {
    /// Of the process that a router's seat has now.
    func version(of place: Int) -> UInt8 {
        let isOlder = place > 0 && place <= options.olderRouters && seats[place].process == 1
        return isOlder ? wireVersionOldest : wireVersion
    }

    var clientVersion: UInt8 { options.olderRouters > 0 ? wireVersionOldest : wireVersion }

    func fromClient(_ request: Request) -> [UInt8] { Frame.encode(request, version: clientVersion) }

    /// Nobody is asked or answered in a version that he does not speak. Publications are no part of it: one may leave
    /// before its sender knows of an older hearer, and is then missed as a lost one.
    func checkVersion(_ bytes: [UInt8], to endpoint: Int) {
        guard options.olderRouters > 0, let version = bytes.first else { return }
        let spoken = endpoint < seats.count ? self.version(of: endpoint) : clientVersion
        if version > spoken { note("\(name(endpoint)) speaks wire version \(spoken), and gets version \(version)") }
    }
}
