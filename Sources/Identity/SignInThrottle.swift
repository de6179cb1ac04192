import Kernel
import Store

/// Makes guessing slow: after some failures in a row, each attempt must wait twice as long as the one before.
///
/// Counted for an address from one network, which meets the guesser and spares the owner elsewhere, and for the address
/// from anywhere, so that many networks together get no more than a hundred guesses (NIST SP 800-63B-4 §3.2.2).
struct SignInThrottle: Sendable {
    let database: Database
    let clock: WallClock

    static let table = TableDefinition(
        "sign_in_throttle", kind: .disposable,
        columns: [.blob("key"), .integer("failures"), .integer("wait_until")], primaryKey: ["key"],
        indexes: [TableDefinition.Index("wait_until")])

    private static let freeFromOneNetwork: Int64 = 5
    private static let freeFromAnywhere: Int64 = 100
    private static let longestWait: Int64 = 3_600_000
    /// Failures this long after the last wait ended are forgotten.
    private static let memory: Int64 = 86_400_000

    /// An attempt under way; it counts as a failure until it is told to have succeeded.
    struct Attempt: Sendable {
        fileprivate let counters: [Counter]
    }

    fileprivate struct Counter: Sendable {
        let key: [UInt8]
        let free: Int64

    }

    /// Only a keyed hash is kept: who tried to sign in is not to be read from the row, nor guessed by whoever has the
    /// database. That of the address comes first, so that all rows of one can be found.
    private func keys(of address: String, _ network: String?) async throws -> (anywhere: [UInt8], here: [UInt8]) {
        try await database.installation(as: .job("sign-in")).read { view in
            let anywhere = view.blindIndex(Account.table, "throttle", of: address)
            let here = network.map { view.blindIndex(Account.table, "throttle", of: "\(address)\n\($0)") } ?? []
            return (anywhere, anywhere + here)
        }
    }

    /// Forgets the failures for an address from all networks.
    func forget(_ address: String) async throws {
        let key = try await keys(of: address, nil).anywhere
        try await database.installation(as: .job("sign-in")).touch { touch in
            try touch.execute(
                Self.table,
                "DELETE FROM sign_in_throttle WHERE organisation = ? AND substr(key, 1, \(key.count)) = ?", [.blob(key)]
            )
        }
    }

    /// - Throws: `Problem` of kind `tooMuch` while the wait lasts.
    func begin(_ address: String, _ network: String) async throws -> Attempt {
        let keys = try await keys(of: address, network)
        let counters = [
            Counter(key: keys.here, free: Self.freeFromOneNetwork),
            Counter(key: keys.anywhere, free: Self.freeFromAnywhere),
        ]
        let now = clock.now().milliseconds
        try await database.installation(as: .job("sign-in")).touch { touch in
            try touch.execute(
                Self.table, "DELETE FROM sign_in_throttle WHERE organisation = ? AND wait_until < ?",
                [.integer(now - Self.memory)])
            var failures: [Int64] = []
            for counter in counters { failures.append(try Self.failures(of: counter, at: now, in: touch)) }
            for (counter, count) in zip(counters, failures) {
                try Self.count(counter, failures: count + 1, at: now, in: touch)
            }
        }
        return Attempt(counters: counters)
    }

    func succeeded(_ attempt: Attempt) async throws {
        try await database.installation(as: .job("sign-in")).touch { touch in
            for counter in attempt.counters {
                try touch.execute(
                    Self.table, "DELETE FROM sign_in_throttle WHERE organisation = ? AND key = ?", [.blob(counter.key)])
            }
        }
    }

    /// How often it failed in a row; the table is disposable, so what stands there is taken with care.
    private static func failures(of counter: Counter, at now: Int64, in touch: Touch) throws -> Int64 {
        var failures: Int64 = 0
        var waitUntil: Int64 = 0
        try touch.rows(
            table, "SELECT failures, wait_until FROM sign_in_throttle WHERE organisation = ? AND key = ?",
            [.blob(counter.key)]
        ) { row in
            failures = min(max(0, row.integer(0)), 1_000_000)
            waitUntil = min(row.integer(1), now + longestWait)
        }
        guard waitUntil <= now else {
            let seconds = (waitUntil - now + 999) / 1000
            throw Problem(
                .tooMuch, code: "identity.throttled", "There were too many failed attempts.",
                hint: "Try again in \(seconds) seconds.", retryAfter: .seconds(Int(seconds)))
        }
        return failures
    }

    private static func count(_ counter: Counter, failures: Int64, at now: Int64, in touch: Touch) throws {
        let wait = failures < counter.free ? 0 : min(longestWait, 30_000 << min(20, failures - counter.free))
        try touch.execute(
            table,
            """
            INSERT INTO sign_in_throttle (organisation, key, failures, wait_until) VALUES (?, ?, ?, ?) \
            ON CONFLICT (organisation, key) DO UPDATE SET failures = excluded.failures, wait_until = excluded.wait_until
            """,
            [.blob(counter.key), .integer(failures), .integer(now + wait)])
    }
}
