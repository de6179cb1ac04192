import Kernel

/// That a database is not to be served: it is being filled, or what it held has moved.
///
/// Written before the first row of a transfer and taken away after its last check, so that half of an installation never
/// passes for a whole one.
struct TransferMark: Equatable {
    enum State: String {
        /// A dump is being loaded into it.
        case restoring
        /// Another database is being copied into it.
        case migrating
        /// Its content was copied to another database, which is served instead.
        case moved
    }

    let state: State
    /// What is being copied, so that the same command can go on and no other does.
    let detail: String
    let since: Instant

    static let table = TableDefinition(
        "transfer", kind: .disposable, columns: [.text("state"), .text("detail"), .integer("since")], primaryKey: [])

    private static let scope = SQLValue.blob(Identifier<Organisation>.installation.bytes)

    /// The mark of a database; `nil` if it may be served.
    static func read(in session: any SQLSession) throws -> TransferMark? {
        try session.first("SELECT state, detail, since FROM transfer WHERE organisation = ?", [scope]) { row in
            // What is not known here is no reason to serve.
            TransferMark(
                state: State(rawValue: row.text(0)) ?? .restoring, detail: row.text(1),
                since: Instant(milliseconds: row.integer(2)))
        }
    }

    func write(in session: any SQLSession) throws {
        try Self.remove(in: session)
        try session.execute(
            "INSERT INTO transfer (organisation, state, detail, since) VALUES (?, ?, ?, ?)",
            [Self.scope, .text(state.rawValue), .text(detail), .integer(since.milliseconds)])
    }

    static func remove(in session: any SQLSession) throws {
        try session.execute("DELETE FROM transfer WHERE organisation = ?", [scope])
    }

    /// Why the database is not opened.
    var refusal: Problem {
        switch state {
        case .restoring:
            Problem(
                .refused, code: "store.unfinished-transfer",
                "This database holds part of a backup: a restore into it was not finished.",
                hint: "Empty it, or choose another, and restore again.")
        case .migrating:
            Problem(
                .refused, code: "store.unfinished-transfer",
                "This database holds part of an installation: a migration into it was not finished.",
                hint: "Run the same `vouchsafe migrate` again; it goes on where it stopped.")
        case .moved:
            Problem(
                .refused, code: "store.moved", "This installation was moved to another database on \(since).",
                hint: "Serve that one, with --database; what is here is a copy that does not grow any more.")
        }
    }
}
