import Kernel
import Store
import Synchronization

/// When things were last used, to the minute: memberships, tokens, sessions. Disposable; nothing is proved by it.
///
/// What this process wrote within the last minute is remembered here, so that a request costs no write.
final class LastUses: Sendable {
    /// Where it is kept.
    let table: TableDefinition

    private struct Key: Hashable {
        let organisation: Identifier<Organisation>
        let used: [UInt8]
    }

    private static let interval = Period.minutes(1)
    /// More would only grow; what is forgotten is written once more than needed.
    private static let mostRemembered = 10_000

    private let noted = Mutex<[Key: Instant]>([:])

    init(_ table: String) {
        self.table = TableDefinition(
            table, kind: .disposable, columns: [.blob("used"), .integer("at")], primaryKey: ["used"])
    }

    /// Whether a use was noted here within the last minute.
    func wasJustNoted(_ used: [UInt8], in scope: ScopedDatabase, at now: Instant) -> Bool {
        let key = Key(organisation: scope.organisation, used: used)
        guard let last = noted.withLock({ $0[key] }) else { return false }
        return last <= now && now < last + Self.interval
    }

    /// Notes a use, at most once a minute. That it could not be written, as on a full disk, keeps nobody from their work.
    func note(_ used: [UInt8], in scope: ScopedDatabase, at now: Instant) async {
        guard !wasJustNoted(used, in: scope, at: now) else { return }
        noted.withLock { noted in
            if noted.count >= Self.mostRemembered { noted.removeAll() }
            noted[Key(organisation: scope.organisation, used: used)] = now
        }
        _ = try? await scope.touch { [table] touch in
            try touch.execute(
                table,
                """
                INSERT INTO \(table.name) (organisation, used, at) VALUES (?, ?, ?) \
                ON CONFLICT (organisation, used) DO UPDATE SET at = excluded.at
                """, [.blob(used), .integer(now.milliseconds)])
        }
    }

    /// The last use of each of some things, where it was ever noted.
    func last<Kind>(
        of used: [Identifier<Kind>], in scope: ScopedDatabase
    ) async throws -> [Identifier<Kind>: Instant] {
        try await scope.touch { [table] touch in
            var uses: [Identifier<Kind>: Instant] = [:]
            for used in used {
                try touch.rows(
                    table, "SELECT at FROM \(table.name) WHERE organisation = ? AND used = ?", [.blob(used.bytes)]
                ) { uses[used] = Instant(milliseconds: $0.integer(0)) }
            }
            return uses
        }
    }

    /// The last use of everything that was ever noted.
    func all<Kind>(in scope: ScopedDatabase) async throws -> [Identifier<Kind>: Instant] {
        try await scope.touch { [table] touch in
            var uses: [Identifier<Kind>: Instant] = [:]
            try touch.rows(table, "SELECT used, at FROM \(table.name) WHERE organisation = ?", []) { row in
                // A disposable row is taken with care: what does not read as an identifier is none.
                if let used = Identifier<Kind>(bytes: row.blob(0)) {
                    uses[used] = Instant(milliseconds: row.integer(1))
                }
            }
            return uses
        }
    }

    /// Forgets things that are no more.
    func forget(_ used: [[UInt8]], in scope: ScopedDatabase) async throws {
        guard !used.isEmpty else { return }
        try await scope.touch { [table] touch in
            for used in used {
                try touch.execute(
                    table, "DELETE FROM \(table.name) WHERE organisation = ? AND used = ?", [.blob(used)])
            }
        }
    }

    /// Forgets what was last used before a moment.
    func forget(before moment: Instant, in scope: ScopedDatabase) async throws {
        try await scope.touch { [table] touch in
            try touch.execute(
                table, "DELETE FROM \(table.name) WHERE organisation = ? AND at < ?", [.integer(moment.milliseconds)])
        }
    }
}
