import CNNG

/// One asynchronous operation of nng at a time, and what to do when it ends, which happens on a thread of nng: never
/// block there. The operation in flight keeps the object alive, so an owner may let go of it at any moment; a send is
/// never stopped or cancelled, because closing the socket ends every operation, and a cancelled send is a trap (#1702,
/// #1713). A receive with a timeout is ended before its socket. @unchecked Sendable: nng orders the submission before
/// the callback, and only one operation is ever in flight.
@safe
final class Completion: @unchecked Sendable {
    private var aio: OpaquePointer?
    private let finished: @Sendable (Completion) -> Void

    /// `finished` is called once for each operation submitted.
    init(_ finished: @escaping @Sendable (Completion) -> Void) throws(NNGError) {
        self.finished = finished
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        let callback: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
            guard let context = unsafe context else { return }
            let completion = unsafe Unmanaged<Completion>.fromOpaque(context).takeRetainedValue()
            completion.finished(completion)
        }
        try check(unsafe nng_aio_alloc(&aio, callback, this))
        unsafe nng_aio_set_timeout(aio, NNG_DURATION_INFINITE)
    }

    deinit {
        // Reaped, not freed: the last reference may fall inside the own callback, where nng_aio_free waits for itself.
        unsafe nng_aio_reap(aio)
    }

    /// Ends a receive that may have a timeout, with `closed`, and waits until its callback is over and nng's thread of
    /// timeouts has let go of it. That thread takes a context out of the operation, lets go of its lock and then
    /// follows the pointer (`nni_aio_expire_loop`): a socket closed in between has freed the context, and the process
    /// dies. Freeing the operation is the only call of nng that waits for this. Never in an event; nothing may be
    /// submitted from here on.
    func end() {
        unsafe nng_aio_free(aio)
        unsafe aio = nil
    }

    /// How the operation ended; nil is success. Only meaningful inside `finished`.
    var failure: NNGError? {
        let code = unsafe nng_aio_result(aio)
        return code == 0 ? nil : NNGError(code: code)
    }

    /// The message received, or the one a failed send gave back. Never ask after a good send: PUB leaves a dangling
    /// one.
    func takeMessage() -> Buffer? {
        guard let message = unsafe nng_aio_get_msg(aio) else { return nil }
        unsafe nng_aio_set_msg(aio, nil)
        return Buffer(adopting: unsafe MessageHandle(message: message))
    }

    /// Forgets the message after a good send: it is nng's.
    func forgetMessage() {
        unsafe nng_aio_set_msg(aio, nil)
    }

    func receive(from socket: Socket) {
        keepAlive()
        unsafe nng_recv_aio(socket.id, aio)
    }

    func send(_ buffer: consuming Buffer, to socket: Socket) {
        keepAlive()
        unsafe nng_aio_set_msg(aio, buffer.release().message)
        unsafe nng_send_aio(socket.id, aio)
    }

    func send(_ buffer: consuming Buffer, by context: nng_ctx) {
        keepAlive()
        unsafe nng_aio_set_timeout(aio, NNG_DURATION_INFINITE)
        unsafe nng_aio_set_msg(aio, buffer.release().message)
        unsafe nng_ctx_send(context, aio)
    }

    /// `milliseconds` bounds this one receive; negative is without end.
    func receive(by context: nng_ctx, milliseconds: Int32) {
        keepAlive()
        unsafe nng_aio_set_timeout(aio, milliseconds < 0 ? NNG_DURATION_INFINITE : milliseconds)
        unsafe nng_ctx_recv(context, aio)
    }

    private func keepAlive() {
        _ = unsafe Unmanaged.passRetained(self)
    }
}
