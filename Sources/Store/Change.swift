import Kernel
import Ledger

/// An open change: the only way to write facts. What it writes and its ledger entry are committed together or not at all.
///
/// It lives on the connection's own thread, inside the closure that received it.
public final class Change {
    /// What can be read, own writes included.
    public let view: ReadView
    /// The moment of the change, the same for all its rows and its entry.
    public let now: Instant

    let session: any SQLSession
    private let entry: Int64
    private var digests: [RowDigest] = []

    init(view: ReadView, session: any SQLSession, entry: Int64, now: Instant) {
        self.view = view
        self.session = session
        self.entry = entry
        self.now = now
    }

    /// The organisation that this changes.
    public var organisation: Identifier<Organisation> { view.organisation }

    /// Where new identifiers and secrets come from.
    public var randomness: Randomness { view.seal.randomness }

    /// A new identifier, made now.
    public func newIdentifier<Kind>(of kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        Identifier(at: now, randomness: randomness)
    }

    /// The number of the ledger entry that this change will have.
    public var entryNumber: Int64 { entry }

    /// Stores a new record.
    ///
    /// - Throws: `Problem` of kind `conflict` if its identifier, or a unique index column, is taken.
    @discardableResult
    public func insert<R: Record>(_ record: R) throws -> Stored<R> {
        let written = try view.seal.write(record, version: 1)
        let names =
            ["organisation", "id", "version", "entry", "position", "digest", "body"]
            + R.table.indexColumns.map(\.name)
        let position = Int64(digests.count)
        try session.send(
            """
            INSERT INTO \(R.table.name) (\(names.joined(separator: ", "))) \
            VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
            """,
            [
                .blob(organisation.bytes), .blob(record.id.bytes), 1, .integer(entry), .integer(position),
                .blob(written.digest.bytes), .blob(written.body),
            ] + record.indexColumns, explain: Self.naming(R.table))
        digests.append(written.digest)
        return Stored(record: record, version: 1, entry: entry, position: position)
    }

    /// Replaces the version of a record that the caller has seen.
    ///
    /// - Throws: `Problem` of kind `conflict` if someone else replaced it in between; nothing is written then.
    @discardableResult
    public func update<R: Record>(_ stored: Stored<R>, to record: R) throws -> Stored<R> {
        guard record.id == stored.record.id else {
            throw Problem(
                .invalid, code: "store.identity",
                "A \(R.table.name.spaced) cannot become another one; make a new one instead.")
        }
        try leaveResidue(of: stored)
        let version = stored.version + 1
        let written = try view.seal.write(record, version: version)
        let position = Int64(digests.count)
        let assignments = (["version", "entry", "position", "digest", "body"] + R.table.indexColumns.map(\.name))
            .map { "\($0) = ?" }.joined(separator: ", ")
        let changed: Int
        do {
            changed = try session.execute(
                "UPDATE \(R.table.name) SET \(assignments) WHERE organisation = ? AND id = ? AND version = ?",
                [
                    .integer(version), .integer(entry), .integer(position), .blob(written.digest.bytes),
                    .blob(written.body),
                ] + record.indexColumns
                    + [.blob(organisation.bytes), .blob(record.id.bytes), .integer(stored.version)])
        } catch {
            throw Self.naming(R.table)(error)
        }
        guard changed == 1 else { throw Self.staleVersion(R.table) }
        digests.append(written.digest)
        return Stored(record: record, version: version, entry: entry, position: position)
    }

    /// Removes a record. Its digest stays, so that the entry that wrote it still verifies.
    ///
    /// - Throws: `Problem` of kind `conflict` if someone else replaced it in between.
    public func delete<R: Record>(_ stored: Stored<R>) throws {
        try leaveResidue(of: stored)
        let changed = try session.execute(
            "DELETE FROM \(R.table.name) WHERE organisation = ? AND id = ? AND version = ?",
            [.blob(organisation.bytes), .blob(stored.record.id.bytes), .integer(stored.version)])
        guard changed == 1 else { throw Self.staleVersion(R.table) }
    }

    /// Destroys the key under which everything about `subject` is sealed: none of it can be read again, here or in any copy
    /// that is made from now on. The digests that the ledger covers stay, and so does every proof.
    ///
    /// - Returns: Whether there was such a key.
    @discardableResult
    public func erase(_ subject: Identifier<Subject>) throws -> Bool { try view.seal.subjects.destroy(subject) }

    /// What the entry commits to: the root over the digests of all rows, and how many they are.
    func sealContent() -> (root: MerkleHash, rows: Int) {
        (ContentTree(digests).root, digests.count)
    }

    private func leaveResidue<R: Record>(of stored: Stored<R>) throws {
        let left = try session.execute(
            """
            INSERT INTO ledger_residue (organisation, entry, position, digest) \
            SELECT organisation, entry, position, digest FROM \(R.table.name) \
            WHERE organisation = ? AND id = ? AND version = ?
            """,
            [.blob(organisation.bytes), .blob(stored.record.id.bytes), .integer(stored.version)])
        guard left == 1 else { throw Self.staleVersion(R.table) }
    }

    /// Says of which kind the thing is that is there already.
    private static func naming(_ table: RecordTable) -> (any Error) -> any Error {
        { error in
            guard let problem = error as? Problem, problem.code == "store.conflict" else { return error }
            return Problem(
                .conflict, code: problem.code, "There is such a \(table.name.spaced) already.", hint: problem.hint,
                cause: problem.cause)
        }
    }

    private static func staleVersion(_ table: RecordTable) -> Problem {
        Problem(
            .conflict, code: "store.stale-version", "Someone else changed this \(table.name.spaced) in the meantime.",
            hint: "Load it again and repeat your change.")
    }
}
