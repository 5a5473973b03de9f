import Glibc

/// Starts a thread of its own; a Dispatch queue would take one of the few shared ones for ever.
struct ThreadStart {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    private let body: Body

    init(_ run: @escaping @Sendable () -> Void) { body = Body(run) }

    func start() {
        var thread = pthread_t()
        // The thread takes over the reference that is passed to it.
        let argument = unsafe Unmanaged.passRetained(body).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        if code != 0 { fatalError("cannot start a thread: \(code)") }
        pthread_detach(thread)
    }
}
