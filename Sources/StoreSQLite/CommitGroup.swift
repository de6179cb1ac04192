import GRDB
import Kernel
import Store
import Synchronization

/// Gathers writes that arrive together into one commit, each in its own savepoint, so that one sync serves them all.
final class CommitGroup: Sendable {
    /// A write that waits. `run` does the work and returns how to tell the caller once the commit is durable.
    private struct Waiting: Sendable {
        let run: @Sendable (any SQLSession) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Waiting] = []
        var isRunning = false
    }

    /// More would make the first caller wait too long for the last.
    private static let largest = 256

    private let pool: DatabasePool
    private let state = Mutex(State())

    init(pool: DatabasePool) {
        self.pool = pool
    }

    /// Runs `body` on the writer's thread and returns when its commit is on disk.
    func run<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let waiting = Waiting(
                run: { session in
                    let value = try body(session)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: $0) })
            let mustStart = state.withLock { state in
                state.waiting.append(waiting)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            if mustStart { pool.asyncWriteWithoutTransaction { [self] in drain($0) } }
        }
    }

    private func drain(_ connection: GRDB.Database) {
        while true {
            let group = state.withLock { state in
                let group = Array(state.waiting.prefix(Self.largest))
                state.waiting.removeFirst(group.count)
                if group.isEmpty { state.isRunning = false }
                return group
            }
            if group.isEmpty { return }
            commit(group, on: connection)
        }
    }

    private func commit(_ group: [Waiting], on connection: GRDB.Database) {
        var acknowledgements: [@Sendable () -> Void] = []
        var untold = group
        do {
            try connection.execute(sql: "BEGIN IMMEDIATE")
            let session = SQLiteSession(connection)
            for waiting in group {
                try connection.execute(sql: "SAVEPOINT one")
                do {
                    let acknowledge = try waiting.run(session)
                    try connection.execute(sql: "RELEASE one")
                    acknowledgements.append(acknowledge)
                } catch {
                    // A full disk or an I/O error ends the whole transaction inside SQLite; then nobody's rows are there.
                    guard connection.isInsideTransaction else { throw error }
                    try connection.execute(sql: "ROLLBACK TO one")
                    try connection.execute(sql: "RELEASE one")
                    untold.remove(at: acknowledgements.count)
                    waiting.fail(SQLiteProblem.from(error))
                }
            }
            try connection.execute(sql: "COMMIT")
        } catch {
            let problem = SQLiteProblem.from(error)
            if connection.isInsideTransaction {
                do {
                    try connection.execute(sql: "ROLLBACK")
                } catch {
                    // The next BEGIN reports what is wrong; these callers already learn that nothing was stored.
                }
            }
            for waiting in untold { waiting.fail(problem) }
            return
        }
        for acknowledge in acknowledgements { acknowledge() }
    }
}
