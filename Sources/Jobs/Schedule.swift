import Kernel
import Store

/// When each check is next due, kept in the database so that a restart neither repeats nor forgets.
public struct Schedule: Sendable {
    private let database: Database
    private let clock: WallClock
    private let randomness: Randomness

    static let table = TableDefinition(
        "schedule", kind: .disposable, columns: [.text("check_id"), .integer("due_at")], primaryKey: ["check_id"])

    /// The schema of this room.
    public static let migrations = [Migration("jobs.1", creates: [table])]

    /// A schedule kept in `database`; `randomness` spreads the runs.
    public init(database: Database, clock: WallClock, randomness: Randomness) {
        self.database = database
        self.clock = clock
        self.randomness = randomness
    }

    /// Takes the checks that are due, and sets when they are due next: their cadence, give or take a tenth.
    ///
    /// Taking and rescheduling is one transaction, so that two runners never take the same check.
    ///
    /// - Parameter everything: Take them all, due or not; for the first run after a start.
    public func takeDue(
        _ checks: [Check], for organisation: Identifier<Organisation>, everything: Bool = false
    ) async throws -> [CheckID] {
        let now = clock.now()
        let jitters = checks.map { _ in Int64(randomness.bytes(1)[0]) - 128 }
        return try await database.scope(organisation, as: .job("schedule")).touch { touch in
            var dueAt: [String: Int64] = [:]
            try touch.rows(Self.table, "SELECT check_id, due_at FROM schedule WHERE organisation = ?", []) { row in
                dueAt[row.text(0)] = row.integer(1)
            }
            var taken: [CheckID] = []
            for (check, jitter) in zip(checks, jitters) {
                guard everything || (dueAt[check.id.rawValue] ?? 0) <= now.milliseconds else { continue }
                let next = now.milliseconds + check.cadence.milliseconds + check.cadence.milliseconds / 1280 * jitter
                try touch.execute(
                    Self.table,
                    """
                    INSERT INTO schedule (organisation, check_id, due_at) VALUES (?, ?, ?) \
                    ON CONFLICT (organisation, check_id) DO UPDATE SET due_at = excluded.due_at
                    """,
                    [.text(check.id.rawValue), .integer(next)])
                taken.append(check.id)
            }
            return taken
        }
    }
}
