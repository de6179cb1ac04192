import Kernel
import Store
import Synchronization

/// When somebody last used their membership: for people to see who no longer needs theirs. Never evidence.
///
/// What this process wrote within the last minute is remembered here, so that a request costs no write.
final class LastUse: Sendable {
    static let table = TableDefinition(
        "last_used", kind: .disposable, columns: [.blob("person"), .integer("at")], primaryKey: ["person"])

    private struct Key: Hashable {
        let person: Identifier<Person>
        let organisation: Identifier<Organisation>
    }

    private let noted = Mutex<[Key: Instant]>([:])

    /// Whether it is time to write again; counts as written.
    func isDue(_ person: Identifier<Person>, in organisation: Identifier<Organisation>, at now: Instant) -> Bool {
        let key = Key(person: person, organisation: organisation)
        return noted.withLock { noted in
            if let last = noted[key], now < last + .minutes(1), last <= now { return false }
            // Forgetting costs one write each; growing without end would cost memory.
            if noted.count >= 10_000 { noted.removeAll() }
            noted[key] = now
            return true
        }
    }
}

extension IdentityDesk {
    /// Notes that `person` was here, at most once a minute. That it could not be noted keeps nobody from their work.
    func noteUse(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, at now: Instant
    ) async {
        guard lastUse.isDue(person, in: organisation, at: now) else { return }
        _ = try? await database.scope(organisation, as: .person(person)).touch { touch in
            try touch.execute(
                LastUse.table,
                """
                INSERT INTO last_used (organisation, person, at) VALUES (?, ?, ?) \
                ON CONFLICT (organisation, person) DO UPDATE SET at = excluded.at
                """,
                [.blob(person.bytes), .integer(now.milliseconds)])
        }
    }

    /// When each person last used their membership, as far as it was noted.
    func lastUses(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Person>: Instant] {
        try await database.scope(organisation, as: principal).touch { touch in
            var uses: [Identifier<Person>: Instant] = [:]
            try touch.rows(LastUse.table, "SELECT person, at FROM last_used WHERE organisation = ?", []) { row in
                // A disposable row is taken with care: what does not read as a person is not one.
                if let person = Identifier<Person>(bytes: row.blob(0)) {
                    uses[person] = Instant(milliseconds: row.integer(1))
                }
            }
            return uses
        }
    }

    func forgetUse(
        of person: Identifier<Person>, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        try await database.scope(organisation, as: principal).touch { touch in
            try touch.execute(
                LastUse.table, "DELETE FROM last_used WHERE organisation = ? AND person = ?", [.blob(person.bytes)])
        }
    }
}
