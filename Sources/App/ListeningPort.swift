/// The port that the server listens on, for those who must wait until it does.
actor ListeningPort {
    private var known: Int?
    private var waiting: [AsyncStream<Int>.Continuation] = []

    /// Tells everyone who waits.
    func open(at port: Int) {
        known = port
        for continuation in waiting {
            continuation.yield(port)
            continuation.finish()
        }
        waiting = []
    }

    /// The port, once the server listens.
    ///
    /// - Throws: `CancellationError` if the task is cancelled first, as when the server cannot listen at all.
    func port() async throws -> Int {
        if let known { return known }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        waiting.append(continuation)
        for await port in ports { return port }
        throw CancellationError()
    }
}
