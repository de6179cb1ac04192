import Dispatch
import Kernel
import Synchronization

/// A bounded number of connections, each with a thread's worth of work in line. A broken one is replaced; while the server is
/// away, work is refused at once and the server is tried again, less and less often.
final class PostgreSQLPool: Sendable {
    /// Something that needs a connection.
    struct Work: Sendable {
        let run: @Sendable (PostgreSQLConnection) -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Work] = []
        var idle: [Int]
        /// The workers that hold a connection, as far as they know.
        var connected: Set<Int> = []
        var isClosed = false
    }

    /// When the server may be tried again after it could not be reached.
    private struct Backoff {
        var failures = 0
        var until: ContinuousClock.Instant?
        var reason: (any Error)?
    }

    /// A connection's own queue; the lock says, for the compiler, that only it touches the connection.
    private struct Worker: Sendable {
        let queue: DispatchQueue
        let connection: Slot
    }

    private final class Slot: Sendable {
        let held = Mutex<PostgreSQLConnection?>(nil)
    }

    private let address: PostgreSQLAddress
    private let workers: [Worker]
    private let state: Mutex<State>
    private let backoff = Mutex(Backoff())
    /// More in line would only grow old.
    private static let mostWaiting = 10_000

    init(to address: PostgreSQLAddress, connections: Int, label: String) {
        self.address = address
        workers = (0..<connections).map { number in
            Worker(queue: DispatchQueue(label: "\(label) \(number)"), connection: Slot())
        }
        state = Mutex(State(idle: Array((0..<connections).reversed())))
    }

    /// Does `work` on the next free connection, on that connection's own queue.
    func submit(_ work: Work) {
        enum Next { case wait, start(Int), refuse(Problem) }
        let next = state.withLock { state -> Next in
            if state.isClosed {
                return .refuse(Problem(.unavailable, code: "store.closed", "The database is not open."))
            }
            guard state.waiting.count < Self.mostWaiting else {
                return .refuse(
                    Problem(
                        .unavailable, code: "store.busy", "The database is busy; nothing was stored.",
                        hint: "Try again."))
            }
            state.waiting.append(work)
            return state.idle.popLast().map { .start($0) } ?? .wait
        }
        switch next {
        case .wait: break
        case .start(let number): workers[number].queue.async { [self] in drain(number) }
        case .refuse(let problem): work.fail(problem)
        }
    }

    /// Runs `body` on a connection.
    func run<T: Sendable>(_ body: @escaping @Sendable (PostgreSQLConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            submit(
                Work(
                    run: { connection in continuation.resume(with: Result { try body(connection) }) },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func drain(_ number: Int) {
        workers[number].connection.held.withLock { connection in
            while let work = next(number, isConnected: connection != nil) {
                do {
                    if let held = connection, !held.isStillConnected { connection = nil }
                    let usable = try connection ?? connect()
                    connection = usable
                    work.run(usable)
                    // One that takes no writes is left for a host that does.
                    if !usable.isConnected || usable.isInTransaction || usable.isReadOnly { connection = nil }
                } catch {
                    connection = nil
                    if handOver(work, from: number) { return }
                    work.fail(error)
                }
            }
        }
    }

    private func next(_ number: Int, isConnected: Bool) -> Work? {
        state.withLock { state in
            if isConnected { state.connected.insert(number) } else { state.connected.remove(number) }
            if state.waiting.isEmpty {
                // Those with a connection are taken first.
                state.idle.insert(number, at: isConnected ? state.idle.count : 0)
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    /// Leaves work to a worker that has a connection: a server with no room for one more still serves those it has.
    ///
    /// - Returns: Whether there is one; the worker then rests.
    private func handOver(_ work: Work, from number: Int) -> Bool {
        let (isTaken, other) = state.withLock { state -> (Bool, Int?) in
            state.connected.remove(number)
            guard !state.connected.isEmpty, !state.isClosed else { return (false, nil) }
            state.waiting.insert(work, at: 0)
            state.idle.insert(number, at: 0)
            // The busy ones look for more work by themselves.
            guard let place = state.idle.lastIndex(where: state.connected.contains) else { return (true, nil) }
            return (true, state.idle.remove(at: place))
        }
        if let other { workers[other].queue.async { [self] in drain(other) } }
        return isTaken
    }

    private func connect() throws -> PostgreSQLConnection {
        try backoff.withLock { backoff in
            if let until = backoff.until, let reason = backoff.reason, ContinuousClock.now < until { throw reason }
        }
        do {
            let connection = try PostgreSQLConnection(to: address)
            backoff.withLock { $0 = Backoff() }
            return connection
        } catch {
            backoff.withLock { backoff in
                backoff.failures = min(backoff.failures + 1, 6)
                // 0.1 s, 0.2 s … 3.2 s
                backoff.until = ContinuousClock.now + .milliseconds(50 << backoff.failures)
                backoff.reason = error
            }
            throw error
        }
    }

    /// Refuses what is still in line and closes every connection once it is free.
    func close() async {
        let (waiting, count) = state.withLock { state in
            defer { state.waiting = [] }
            state.isClosed = true
            return (state.waiting, workers.count)
        }
        let closed = Problem(.unavailable, code: "store.closed", "The database was closed.")
        for work in waiting { work.fail(closed) }
        for number in 0..<count {
            await withCheckedContinuation { continuation in
                workers[number].queue.async { [self] in
                    workers[number].connection.held.withLock { $0 = nil }
                    continuation.resume()
                }
            }
        }
    }
}
