import GRDB
import Kernel
import Store
import Synchronization

/// Gathers the writes that arrive while another commit is being synced, so that the next one serves them all.
///
/// One file has one writer, so the writes of all organisations share its commits.
final class CommitGroup: Sendable {
    private struct State {
        var waiting: [WaitingWrite] = []
        var isRunning = false
    }

    private let pool: DatabasePool
    private let state = Mutex(State())

    init(pool: DatabasePool) {
        self.pool = pool
    }

    /// Puts `write` in line.
    func add(_ write: WaitingWrite) {
        let (isFull, mustStart) = state.withLock { state in
            guard state.waiting.count < GroupCommit.mostWaiting else { return (true, false) }
            state.waiting.append(write)
            defer { state.isRunning = true }
            return (false, !state.isRunning)
        }
        if isFull { write.fail(GroupCommit.isFull) }
        if mustStart { pool.asyncWriteWithoutTransaction { [self] in drain($0) } }
    }

    private func drain(_ connection: GRDB.Database) {
        while true {
            let group = state.withLock { state in
                let group = Array(state.waiting.prefix(GroupCommit.largest))
                state.waiting.removeFirst(group.count)
                if group.isEmpty { state.isRunning = false }
                return group
            }
            if group.isEmpty { return }
            GroupCommit.run(group, in: SQLiteTransaction(connection: connection))
        }
    }
}

/// One transaction on the writing connection.
private struct SQLiteTransaction: GroupTransaction {
    let connection: GRDB.Database
    var session: any SQLSession { SQLiteSession(connection) }

    func begin() throws { try SQLiteProblem.naming(connection) { try connection.execute(sql: "BEGIN IMMEDIATE") } }
    func commit() throws { try SQLiteProblem.naming(connection) { try connection.execute(sql: "COMMIT") } }

    func rollBack() {
        guard connection.isInsideTransaction else { return }
        do {
            try connection.execute(sql: "ROLLBACK")
        } catch {
            // The next BEGIN reports what is wrong; these callers already learn that nothing was stored.
        }
    }

    /// A full disk or an I/O error ends the whole transaction inside SQLite; then nobody's rows are there.
    var isOpen: Bool { connection.isInsideTransaction }
}
