import CNNG
import Synchronization

/// Tells every subscriber everything, at most once: a subscriber too slow loses the oldest, and who comes late has
/// missed it. So messages carry a sequence, and never anything private.
///
/// Must be closed: until then nng holds it.
package final class PublishSocket: Sendable {
    private let socket: Socket
    private let subscribersMax: Int
    private let dog: HandshakeDog
    private let onRefused: @Sendable () -> Void
    private let subscribers = Mutex<Set<UInt32>>([])
    private let observer = Mutex<PipeObserver?>(nil)

    /// `sendBuffer` is the messages kept for one slow subscriber, 1...8192, beyond which its oldest are dropped.
    /// `subscribersMax` bounds the connections: each costs 12 us of processor per message. `onRefused` is told, on
    /// threads of nng and of the dog, of each connection too many and of each that did not end its handshake.
    package init(
        sendBuffer: Int, subscribersMax: Int = 256, dog: HandshakeDog = .shared,
        onRefused: @escaping @Sendable () -> Void = {}
    ) throws(NNGError) {
        invariant((1...8_192).contains(sendBuffer), "1...8192 messages of buffer, got \(sendBuffer)")
        socket = try Socket(.publish)
        self.subscribersMax = subscribersMax
        self.dog = dog
        self.onRefused = onRefused
        // A subscriber has nothing to say; nng drops its connection if it does.
        try socket.limitMessages(bytesMax: 1_024)
        try socket.setBuffers(send: Int32(sendBuffer))
        let observer = try socket.observePipes { [self] event, pipe in changed(event, pipe) }
        self.observer.withLock { $0 = observer }
    }

    /// Live subscribers, for `status`.
    package var subscribersCount: Int { subscribers.withLock { $0.count } }

    /// Listens at one more address and returns the bound port, 0 for inproc.
    package func listen(_ url: String) throws(NNGError) -> Int {
        let port = try socket.listen(url)
        try dog.watch(socket, url, port: port, connectionsMax: subscribersMax, onCut: onRefused)
        return port
    }

    /// Hands the message to every subscriber's queue. Never blocks and never fails: what nng cannot take is lost, as
    /// any message of a publisher may be.
    package func publish(_ bytes: [UInt8]) {
        do {
            let handle = try Buffer(bytes).release()
            let code = unsafe nng_sendmsg(socket.id, handle.message, 0)
            // Only a failed send leaves the message with us.
            if code != 0 { _ = Buffer(adopting: handle) }
        } catch {
            // Only without memory.
        }
    }

    /// Drops the subscribers and waits for nng. Never in an event of this module.
    package func close() {
        guard let observer = observer.withLock({ $0.take() }) else { return }
        dog.leave(socket)
        socket.close(observer)
    }

    private func changed(_ event: PipeEvent, _ pipe: nng_pipe) {
        let id = UInt32(bitPattern: nng_pipe_id(pipe))
        switch event {
        case .added:
            let isWelcome = subscribers.withLock { subscribers in
                subscribers.count < subscribersMax && subscribers.insert(id).inserted
            }
            if isWelcome { return dog.added(pipe) }
            nng_pipe_close(pipe)
            onRefused()
        case .removed:
            dog.removed(pipe)
            _ = subscribers.withLock { $0.remove(id) }
        }
    }
}
