import Kernel

/// That one process alone may do something until a moment. Its fence grows with every new holder, so that a holder who was
/// away too long is told from the next one.
public struct Lease: Hashable, Sendable {
    /// What it is for, unique within the organisation.
    public let name: String
    /// Who has it: sixteen random bytes of the process.
    let holder: [UInt8]
    let fence: Int64
}

/// Who holds a lease: one for each process, made at its start.
public struct LeaseHolder: Sendable {
    let bytes: [UInt8]

    /// A new holder.
    public init(randomness: Randomness) {
        bytes = randomness.bytes(16)
    }
}

extension Touch {
    /// The leases with these names that are free, or were left by a holder who is gone; taken until `until`.
    ///
    /// Two processes never get the same one: each passes over the rows that the other is just taking.
    public func claim(
        _ names: [String], until: Instant, at now: Instant, for holder: LeaseHolder
    ) throws -> [Lease] {
        let organisation = SQLValue.blob(organisation.bytes)
        let names = names.sorted()
        var known: Set<String> = []
        try session.rows("SELECT name FROM lease WHERE organisation = ?", [organisation]) { known.insert($0.text(0)) }
        // Only what is missing, and in one order: two servers that make the same rows at once wait for each other, and at
        // worst one of them is told that the database is busy and tries again.
        for name in names where !known.contains(name) {
            try session.send(
                """
                INSERT INTO lease (organisation, name, holder, fence, until) VALUES (?, ?, ?, 0, 0) \
                ON CONFLICT (organisation, name) DO NOTHING
                """, [organisation, .text(name), .blob([])])
        }
        var claimed: [Lease] = []
        for name in names {
            try session.rows(
                "SELECT fence FROM lease WHERE organisation = ? AND name = ? AND (until <= ? OR holder = ?)"
                    + session.claimingLock,
                [organisation, .text(name), .integer(now.milliseconds), .blob(holder.bytes)]
            ) { claimed.append(Lease(name: name, holder: holder.bytes, fence: $0.integer(0) + 1)) }
        }
        for lease in claimed {
            try session.send(
                "UPDATE lease SET holder = ?, fence = ?, until = ? WHERE organisation = ? AND name = ?",
                [
                    .blob(lease.holder), .integer(lease.fence), .integer(until.milliseconds), organisation,
                    .text(lease.name),
                ])
        }
        return claimed
    }

    /// Whether `lease` is still its holder's.
    public func holds(_ lease: Lease) throws -> Bool {
        try LeaseRows.isHeld(lease, by: organisation, in: session)
    }

    /// Gives `lease` back, at once or from `from` on; one that was lost meanwhile is left to its new holder.
    public func release(_ lease: Lease, from: Instant = Instant(milliseconds: 0)) throws {
        try session.execute(
            "UPDATE lease SET until = ?, holder = ? WHERE organisation = ? AND name = ? AND holder = ? AND fence = ?",
            [
                .integer(from.milliseconds), .blob([]), .blob(organisation.bytes), .text(lease.name),
                .blob(lease.holder), .integer(lease.fence),
            ])
    }
}

/// Leases as rows.
enum LeaseRows {
    static let table = TableDefinition(
        "lease", kind: .disposable,
        columns: [.text("name"), .blob("holder"), .integer("fence"), .integer("until")], primaryKey: ["name"])

    /// Whether nobody took `lease` over. Its end is not compared: while nobody else has it, nobody else acts.
    static func isHeld(
        _ lease: Lease, by organisation: Identifier<Organisation>, in session: any SQLSession
    ) throws -> Bool {
        try session.first(
            "SELECT fence FROM lease WHERE organisation = ? AND name = ? AND holder = ? AND fence = ?"
                + session.rowLock,
            [.blob(organisation.bytes), .text(lease.name), .blob(lease.holder), .integer(lease.fence)]
        ) { $0.integer(0) } != nil
    }
}
