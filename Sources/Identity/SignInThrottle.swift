import Kernel
import Store

/// Makes guessing slow, and ends it: after some failures in a row each attempt must wait twice as long as the one before, and
/// after a hundred there is none left (NIST SP 800-63B-4 §3.2.2).
///
/// Counted for what is guessed from one network, which meets the guesser and spares the owner elsewhere, and for it from
/// anywhere. A known device has a count of its own, so that guessers elsewhere never shut out the owner.
struct SignInThrottle: Sendable {
    let database: Database
    let clock: WallClock

    static let table = TableDefinition(
        "sign_in_throttle", kind: .disposable,
        columns: [.blob("key"), .integer("failures"), .integer("wait_until"), .integer("forget_at")],
        primaryKey: ["key"], indexes: [TableDefinition.Index("forget_at")])

    private static let freeOfWaiting: Int64 = 5
    private static let most: Int64 = 100
    private static let longestWait: Int64 = 3_600_000
    /// Failures are forgotten this long after the last wait ended.
    private static let day: Int64 = 86_400_000
    /// Those that count towards the end are not, as long as somebody may still come back for the account.
    private static let year = 366 * day

    /// Whence something is tried.
    enum Source: Sendable {
        /// From a network, about whose device nothing is known.
        case network(String)
        /// From a device, or a session, that has been theirs before.
        case known(String)
    }

    /// An attempt under way; it counts as a failure until it is told to have succeeded.
    struct Attempt: Sendable {
        fileprivate let clears: [[UInt8]]
    }

    fileprivate struct Counter: Sendable {
        let key: [UInt8]
        /// How many failures nobody waits for.
        let free: Int64
        /// How many there may be at all.
        let most: Int64
        /// How long they are remembered, in milliseconds.
        let memory: Int64
    }

    /// Only a keyed hash is kept: who tried to sign in is not to be read from the row, nor guessed by whoever has the
    /// database. That of what is guessed comes first, so that all rows of one can be found.
    private func keys(of guessed: String, _ source: String?) async throws -> (anywhere: [UInt8], here: [UInt8]) {
        try await database.installation(as: .job(.signIn)).read { view in
            let anywhere = view.blindIndex(Account.table, "throttle", of: guessed)
            let here = source.map { view.blindIndex(Account.table, "throttle", of: "\(guessed)\n\($0)") } ?? []
            return (anywhere, anywhere + here)
        }
    }

    /// Forgets the failures at something, from everywhere.
    func forget(_ guessed: String) async throws {
        let key = try await keys(of: guessed, nil).anywhere
        try await database.installation(as: .job(.signIn)).touch { touch in
            try touch.execute(
                Self.table,
                "DELETE FROM sign_in_throttle WHERE organisation = ? AND substr(key, 1, \(key.count)) = ?", [.blob(key)]
            )
        }
    }

    /// Counts an attempt at `guessed`.
    ///
    /// - Parameter isReal: Whether there is such a thing at all; what was only made up is forgotten after a day.
    /// - Throws: `Problem` of kind `tooMuch` while the wait lasts, or for good.
    func begin(_ guessed: String, from source: Source, isReal: Bool = true) async throws -> Attempt {
        let keys: (anywhere: [UInt8], here: [UInt8])
        let counters: [Counter]
        let last = isReal ? Self.year : Self.day
        switch source {
        case .network(let network):
            keys = try await self.keys(of: guessed, network)
            counters = [
                Counter(key: keys.here, free: Self.freeOfWaiting, most: .max, memory: Self.day),
                Counter(key: keys.anywhere, free: Self.most, most: Self.most, memory: last),
            ]
        case .known(let device):
            keys = try await self.keys(of: guessed, "known\n\(device)")
            counters = [Counter(key: keys.here, free: Self.freeOfWaiting, most: Self.most, memory: last)]
        }
        let now = clock.now().milliseconds
        try await database.installation(as: .job(.signIn)).touch { touch in
            try touch.execute(
                Self.table, "DELETE FROM sign_in_throttle WHERE organisation = ? AND forget_at < ?", [.integer(now)])
            var failures: [Int64] = []
            for counter in counters { failures.append(try Self.failures(of: counter, at: now, in: touch)) }
            for (counter, count) in zip(counters, failures) {
                try Self.count(counter, failures: count + 1, at: now, in: touch)
            }
        }
        return Attempt(clears: [keys.here, keys.anywhere])
    }

    func succeeded(_ attempt: Attempt) async throws {
        try await database.installation(as: .job(.signIn)).touch { touch in
            for key in attempt.clears {
                try touch.execute(
                    Self.table, "DELETE FROM sign_in_throttle WHERE organisation = ? AND key = ?", [.blob(key)])
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
        guard failures < counter.most else {
            throw Problem(
                .tooMuch, code: "identity.locked",
                "After a hundred failures it works only on devices where this person has signed in before.",
                hint: "Use such a device, a passkey or a recovery code; then choose a new password.")
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
            INSERT INTO sign_in_throttle (organisation, key, failures, wait_until, forget_at) VALUES (?, ?, ?, ?, ?) \
            ON CONFLICT (organisation, key) DO UPDATE SET \
            failures = excluded.failures, wait_until = excluded.wait_until, forget_at = excluded.forget_at
            """,
            [.blob(counter.key), .integer(failures), .integer(now + wait), .integer(now + wait + counter.memory)])
    }
}
