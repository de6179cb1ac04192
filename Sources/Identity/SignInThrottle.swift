import Crypto
import Kernel
import Store

/// Makes guessing slow: from the fifth failure in a row each attempt on one address from one network waits twice as long.
struct SignInThrottle: Sendable {
    let database: Database
    let clock: WallClock

    static let table = TableDefinition(
        "sign_in_throttle", kind: .disposable,
        columns: [.blob("key"), .integer("failures"), .integer("wait_until")], primaryKey: ["key"])

    private static let free = 5
    private static let longestWait: Int64 = 3_600_000

    /// An attempt under way; it counts as a failure until it is told to have succeeded.
    struct Attempt: Sendable {
        let key: [UInt8]
    }

    /// - Throws: `Problem` of kind `tooMuch` while the wait lasts.
    func begin(_ address: String, _ network: String) async throws -> Attempt {
        // Only a hash is kept, and the row is disposable: who tried to sign in is not to be read from it.
        let key = Array(SHA256.hash(data: Array("\(address)\n\(network)".utf8)))
        let now = clock.now().milliseconds
        return try await database.installation(as: .job("sign-in")).touch { touch in
            var failures: Int64 = 0
            var waitUntil: Int64 = 0
            try touch.rows(
                Self.table, "SELECT failures, wait_until FROM sign_in_throttle WHERE organisation = ? AND key = ?",
                [.blob(key)]
            ) { row in
                failures = row.integer(0)
                waitUntil = row.integer(1)
            }
            guard waitUntil <= now else {
                let seconds = (waitUntil - now + 999) / 1000
                throw Problem(
                    .tooMuch, code: "identity.throttled", "There were too many failed attempts.",
                    hint: "Try again in \(seconds) seconds.")
            }
            failures += 1
            let wait = failures < Self.free ? 0 : min(Self.longestWait, 30_000 << min(20, failures - Int64(Self.free)))
            try touch.execute(
                Self.table,
                """
                INSERT INTO sign_in_throttle (organisation, key, failures, wait_until) VALUES (?, ?, ?, ?) \
                ON CONFLICT (organisation, key) DO UPDATE SET failures = excluded.failures, wait_until = excluded.wait_until
                """,
                [.blob(key), .integer(failures), .integer(now + wait)])
            return Attempt(key: key)
        }
    }

    func succeeded(_ attempt: Attempt) async throws {
        try await database.installation(as: .job("sign-in")).touch { touch in
            try touch.execute(
                Self.table, "DELETE FROM sign_in_throttle WHERE organisation = ? AND key = ?", [.blob(attempt.key)])
        }
    }
}
