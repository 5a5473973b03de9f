import CNNG

/// One nng message with one owner: freed when the owner goes, unless nng has taken it over.
/// @unchecked Sendable: an nng_msg belongs to no thread, and ~Copyable leaves it a single owner.
@safe
struct Buffer: ~Copyable, @unchecked Sendable {
    private let message: OpaquePointer

    /// Takes over a message that nng handed out.
    init(adopting handle: MessageHandle) {
        unsafe message = unsafe handle.message
    }

    /// A new message holding a copy of the bytes.
    init(_ bytes: [UInt8]) throws(NNGError) {
        var fresh: OpaquePointer?
        try check(unsafe nng_msg_alloc(&fresh, 0))
        guard let fresh = unsafe fresh else { throw .outOfMemory }
        do {
            try unsafe Self.append(bytes, to: fresh)
        } catch {
            unsafe nng_msg_free(fresh)
            throw error
        }
        unsafe message = unsafe fresh
    }

    deinit {
        unsafe nng_msg_free(message)
    }

    /// Bytes of the body, without the SP header.
    var count: Int { unsafe nng_msg_len(message) }

    /// The connection it came by; 0 before it has come by any.
    var pipe: UInt32 { unsafe UInt32(bitPattern: nng_pipe_id(nng_msg_get_pipe(message))) }

    /// A copy of the body: the one copy on the way in, so that nothing above this module holds a pointer of nng.
    func bytes() -> [UInt8] {
        let body = unsafe UnsafeRawBufferPointer(start: nng_msg_body(message), count: nng_msg_len(message))
        return unsafe [UInt8](body)
    }

    /// Puts a new body behind the header that is kept: in raw mode the header names the asker and the request.
    borrowing func replaceBody(with bytes: [UInt8]) throws(NNGError) {
        unsafe nng_msg_clear(message)
        try unsafe Self.append(bytes, to: message)
    }

    /// Gives the message away, to nng or to a table that will free it.
    consuming func release() -> MessageHandle {
        let handle = unsafe MessageHandle(message: message)
        discard self
        return handle
    }

    // nng_msg_append is the only way in: nng_msg_insert corrupts before 1.9 (#1541, #1808).
    private static func append(_ bytes: [UInt8], to message: OpaquePointer) throws(NNGError) {
        if bytes.isEmpty { return }
        let code = unsafe bytes.withUnsafeBytes { unsafe nng_msg_append(message, $0.baseAddress, $0.count) }
        try check(code)
    }
}

/// A message on its way between two owners; whoever holds it must adopt or free it. Kept apart from `Buffer` because a
/// Dictionary cannot hold ~Copyable values. @unchecked Sendable: an nng_msg belongs to no thread.
@safe
struct MessageHandle: @unchecked Sendable {
    let message: OpaquePointer
}
