import Kernel
import Store
import Synchronization

/// When each token was last used, to the minute. Disposable: it helps to find tokens that nothing needs, and proves nothing.
final class TokenUses: Sendable {
    static let table = TableDefinition(
        "access_token_use", kind: .disposable, columns: [.blob("token"), .integer("used_at")], primaryKey: ["token"])

    private static let interval = Period.minutes(1)
    /// More would only grow; what is dropped is written once more than needed.
    private static let mostRemembered = 10_000

    private let database: Database
    private let written = Mutex<[Identifier<Token>: Instant]>([:])

    init(database: Database) {
        self.database = database
    }

    /// Notes that `token` was used; written at most once a minute.
    func note(_ token: Identifier<Token>, at now: Instant) async {
        let isDue = written.withLock { written in
            if let last = written[token], last <= now, now < last + Self.interval { return false }
            if written.count >= Self.mostRemembered { written.removeAll() }
            written[token] = now
            return true
        }
        guard isDue else { return }
        // That it cannot be written, as on a full disk, is no reason to refuse whoever only reads.
        _ = try? await database.installation(as: .token(token)).touch { touch in
            try touch.execute(
                Self.table,
                """
                INSERT INTO access_token_use (organisation, token, used_at) VALUES (?, ?, ?) \
                ON CONFLICT (organisation, token) DO UPDATE SET used_at = excluded.used_at
                """, [.blob(token.bytes), .integer(now.milliseconds)])
        }
    }

    /// The last use of every token that was ever used.
    func all() async throws -> [Identifier<Token>: Instant] {
        try await database.installation(as: .job("token")).touch { touch in
            var uses: [Identifier<Token>: Instant] = [:]
            try touch.rows(
                Self.table, "SELECT token, used_at FROM access_token_use WHERE organisation = ?", []
            ) { row in
                if let token = Identifier<Token>(bytes: row.blob(0)) {
                    uses[token] = Instant(milliseconds: row.integer(1))
                }
            }
            return uses
        }
    }

    /// Forgets tokens that are no more.
    func forget(_ tokens: [Identifier<Token>]) async {
        guard !tokens.isEmpty else { return }
        _ = try? await database.installation(as: .job("token")).touch { touch in
            for token in tokens {
                try touch.execute(
                    Self.table, "DELETE FROM access_token_use WHERE organisation = ? AND token = ?",
                    [.blob(token.bytes)])
            }
        }
    }
}
