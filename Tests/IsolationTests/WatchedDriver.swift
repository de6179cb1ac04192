import Foundation
import Kernel
import StoreSupport
import Synchronization

@testable import Store

/// One statement with one predicate on the organisation taken out.
struct Mutation: Hashable, Sendable, CustomStringConvertible {
    static let predicate = "organisation = ?"

    let statement: String
    /// Which of the statement's predicates, from 0.
    let place: Int

    /// The statement as it is run. The value stays bound, so that nothing else about it changes.
    ///
    /// Which of several rows comes first is the database's affair where nothing says so; here it is always another's.
    var text: String {
        let parts = statement.components(separatedBy: Self.predicate)
        let before = parts[...place].joined(separator: Self.predicate)
        let after = parts[(place + 1)...].joined(separator: Self.predicate)
        let text = "\(before)(\(Self.predicate) OR 1 = 1)\(after)"
        let limit = " LIMIT 1"
        guard text.hasSuffix(limit), !text.contains(" ORDER BY ") else { return text }
        return "\(text.dropLast(limit.count)) ORDER BY organisation\(limit)"
    }

    var description: String { text }

    /// How many rows of other organisations the statement would meet without this predicate, as a query of one number; and how
    /// many of the statement's values come before those of the query.
    var probe: (text: String, skipping: Int)? {
        let parts = statement.components(separatedBy: Self.predicate)
        let asked =
            parts[...place].joined(separator: Self.predicate) + "organisation <> ?"
            + parts[(place + 1)...].joined(separator: Self.predicate)
        if asked.hasPrefix("SELECT COUNT(*) FROM ") { return (asked, 0) }
        if asked.hasPrefix("SELECT ") { return ("SELECT COUNT(*) FROM (\(asked)) AS met", 0) }
        guard let start = asked.range(of: asked.hasPrefix("INSERT ") ? " FROM " : " WHERE ") else { return nil }
        let skipped = asked[..<start.lowerBound].count { $0 == "?" }
        if asked.hasPrefix("INSERT ") { return ("SELECT COUNT(*)\(asked[start.lowerBound...])", skipped) }
        let words = asked.split(separator: " ")
        guard let table = asked.hasPrefix("DELETE ") ? words[2] : asked.hasPrefix("UPDATE ") ? words[1] : nil else {
            return nil
        }
        return ("SELECT COUNT(*) FROM \(table)\(asked[start.lowerBound...])", skipped)
    }

    /// Every way to take one predicate out of `statement`.
    static func all(of statement: String) -> [Mutation] {
        (0..<(statement.components(separatedBy: predicate).count - 1)).map { Mutation(statement: statement, place: $0) }
    }
}

/// Sees every statement that goes to the database, and replaces at most one of them.
final class StatementWatch: Sendable {
    private let state: Mutex<(seen: Set<String>, mutation: Mutation?, met: [Mutation: Int64])>
    /// Whether each statement is asked, besides, which rows of others it would meet.
    let isProbing: Bool
    /// The scopes of which every new row is written once more for another organisation.
    let mirrored: [Identifier<Organisation>]

    init(
        _ mutation: Mutation? = nil, isProbing: Bool = false, mirroring mirrored: [Identifier<Organisation>] = []
    ) {
        state = Mutex(([], mutation, [:]))
        self.isProbing = isProbing
        self.mirrored = mirrored
    }

    /// Every text since the last ``forget()``.
    var seen: Set<String> { state.withLock { $0.seen } }
    /// How many rows of other organisations each mutation would have met, at the most.
    var met: [Mutation: Int64] { state.withLock { $0.met } }

    fileprivate func note(_ mutation: Mutation, meeting rows: Int64) {
        state.withLock { $0.met[mutation] = max($0.met[mutation] ?? 0, rows) }
    }

    fileprivate func text(_ statement: String) -> String {
        state.withLock { state in
            state.seen.insert(statement)
            guard let mutation = state.mutation, mutation.statement == statement else { return statement }
            return mutation.text
        }
    }
}

/// A driver between the store and the real one. The store's own code stays as it is: a driver is all that a database is to it,
/// so nothing of this can be reached where the server is started.
struct WatchedDriver: DatabaseDriver {
    let inner: any DatabaseDriver
    let watch: StatementWatch

    var product: String { inner.product }
    var canBeLeft: Bool { inner.canBeLeft }

    func migrate(_ migrations: [Migration], _ body: @escaping @Sendable (any SQLSession) throws -> Void) async throws {
        try await inner.migrate(migrations) { [watch] in try body(WatchedSession(inner: $0, watch: watch)) }
    }

    func read<T: Sendable>(
        organisation: Identifier<Organisation>, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T {
        try await inner.read(organisation: organisation) { [watch] in
            try body(WatchedSession(inner: $0, watch: watch))
        }
    }

    func snapshot<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await inner.snapshot { [watch] in try body(WatchedSession(inner: $0, watch: watch)) }
    }

    /// The ledger's end is read and written through the watched session too, so each write has an end of its own.
    func write(_ write: WaitingWrite) {
        inner.write(
            WaitingWrite(
                organisation: write.organisation, appends: false,
                run: { [watch] real in
                    let session = WatchedSession(inner: real.session, watch: watch)
                    let tail = LedgerTail(session: session, organisation: write.organisation)
                    if write.appends { try tail.prefetch() }
                    let acknowledge = try write.run(WriteSession(session: session, tail: tail))
                    try tail.flush()
                    return acknowledge
                }, fail: write.fail))
    }

    func scrub() async throws { try await inner.scrub() }
    func scrubIfDue() async throws { try await inner.scrubIfDue() }
    func integrityProblems() async throws -> [String] { try await inner.integrityProblems() }
    func close() async throws { try await inner.close() }
}

private struct WatchedSession: SQLSession {
    let inner: any SQLSession
    let watch: StatementWatch

    private func probe(_ sql: String, _ arguments: [SQLValue]) throws {
        guard watch.isProbing else { return }
        // Locks are no part of the question.
        let locks = [inner.rowLock, inner.claimingLock].filter { !$0.isEmpty }
        let plain = locks.first(where: sql.hasSuffix).map { String(sql.dropLast($0.count)) } ?? sql
        for mutation in Mutation.all(of: plain) {
            guard let probe = mutation.probe else { continue }
            var rows: Int64 = 0
            try inner.rows(probe.text, Array(arguments.dropFirst(probe.skipping))) { rows = max(rows, $0.integer(0)) }
            watch.note(Mutation(statement: sql, place: mutation.place), meeting: rows)
        }
    }

    /// Writes for another organisation what was just written, so that what is made here is met like what was there before.
    private func mirror(_ sql: String, _ arguments: [SQLValue]) {
        guard !watch.mirrored.isEmpty else { return }
        var arguments = arguments
        let place: Int
        var sealed: Int?
        if sql.hasPrefix("INSERT INTO "), sql.contains("VALUES (") {
            let columns = sql.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }.split(separator: ", ").map(
                String.init)
            place = 0
            sealed = columns.firstIndex(where: Mirrors.sealed.contains)
        } else if sql.hasPrefix("UPDATE lease "), sql.hasSuffix(" WHERE organisation = ? AND name = ?") {
            place = arguments.count - 2
        } else if sql.hasPrefix("UPDATE "), sql.hasSuffix(" WHERE organisation = ? AND id = ? AND version = ?") {
            place = arguments.count - 3
            // After version, entry, position and digest.
            sealed = 4
        } else {
            return
        }
        guard arguments.indices.contains(place),
            let scope = watch.mirrored.first(where: { arguments[place] == .blob($0.bytes) })
        else { return }
        arguments[place] = .blob(Mirrors.twin(of: scope))
        if let sealed, arguments.indices.contains(sealed), case .blob(let bytes) = arguments[sealed] {
            arguments[sealed] = .blob(Mirrors.damaged(bytes))
        }
        // What is there already stays as it is.
        _ = try? inner.execute(sql, arguments)
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try probe(sql, arguments)
        let changed = try inner.execute(watch.text(sql), arguments)
        mirror(sql, arguments)
        return changed
    }

    func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        try probe(sql, arguments)
        try inner.rows(watch.text(sql), arguments, each)
    }

    func integers(
        _ sql: String, _ arguments: [SQLValue], columns: Int, _ each: (Span<Int64>) throws -> Void
    ) throws {
        try probe(sql, arguments)
        try inner.integers(watch.text(sql), arguments, columns: columns, each)
    }

    func send(_ sql: String, _ arguments: [SQLValue], explain: @escaping (any Error) -> any Error) throws {
        try probe(sql, arguments)
        try inner.send(watch.text(sql), arguments, explain: explain)
        mirror(sql, arguments)
    }

    func prefetch(_ sql: String, _ arguments: [SQLValue]) throws { try inner.prefetch(watch.text(sql), arguments) }
    func settle() throws { try inner.settle() }
    func forget() { inner.forget() }
    func enter(_ organisation: Identifier<Organisation>) throws { try inner.enter(organisation) }
    var rowLock: String { inner.rowLock }
    var claimingLock: String { inner.claimingLock }
}
