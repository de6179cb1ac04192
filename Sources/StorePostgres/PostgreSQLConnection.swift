import CPostgreSQL
import Glibc
import Kernel
import Store

/// One connection to PostgreSQL, always in pipeline mode: statements are sent without waiting, and answers are read when one
/// is needed. Lives on one thread at a time.
final class PostgreSQLConnection {
    let functions: PostgreSQLFunctions
    private let handle: OpaquePointer
    private var prepared: [PreparedKey: String] = [:]
    /// What was sent and not answered yet, in order.
    private var sent: [Sent] = []
    /// Answers to queries that were sent ahead of being asked for.
    private var prefetched: [PrefetchKey: PostgreSQLResult] = [:]
    private var cursors = 0
    /// When the answer to a commit has taken too long.
    private var deadline: ContinuousClock.Instant?
    /// Whether an answer was not waited for any longer; what comes next could belong to anything.
    private var isGivenUp = false
    /// Whether the server refused a write because it takes none at the moment. Another host may take them.
    private(set) var isReadOnly = false

    /// A statement text with the types of its values: what the server prepares once.
    private struct PreparedKey: Hashable {
        let sql: String
        let types: [Oid]
    }

    private struct PrefetchKey: Hashable {
        let sql: String
        let arguments: [SQLValue]
    }

    private struct Sent {
        enum Purpose {
            case prepare(PreparedKey)
            case run
            case prefetch(PrefetchKey)
        }
        let purpose: Purpose
        let explain: (any Error) -> any Error
    }

    /// Prepared statements that one connection keeps; our texts are far fewer.
    private static let mostPrepared = 512
    /// Statements sent before an answer is read. What they answer must fit the socket's buffers, or both sides would wait.
    private static let mostSent = 200

    /// Connects, and sets what every connection of ours is set to.
    ///
    /// - Throws: `Problem` `store.unreachable`, or `store.not-durable` if the server would acknowledge what is not on its disk.
    init(to address: PostgreSQLAddress) throws {
        functions = try PostgreSQLLibrary.load()
        let parameters = address.parameters.sorted { $0.key < $1.key }
        let connected = Self.withStrings(parameters.map(\.key)) { [functions] keywords in
            Self.withStrings(parameters.map(\.value)) { functions.PQconnectdbParams(keywords, $0, 0) }
        }
        guard let connected else { throw PostgreSQLProblem.lost("out of memory") }
        handle = connected
        // Notices would be printed on standard error; all that matters comes as a result.
        _ = functions.PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard functions.PQstatus(handle) == CONNECTION_OK else {
            throw PostgreSQLProblem.lost(lastMessage)
        }
        guard functions.PQserverVersion(handle) >= 150_000 else {
            throw Problem(
                .unavailable, code: "store.old-database", "PostgreSQL \(version) is too old.",
                hint: "Vouchsafe needs PostgreSQL 15 or newer.")
        }
        guard functions.PQenterPipelineMode(handle) == 1 else { throw PostgreSQLProblem.lost("no pipeline mode") }
        try settle(with: Self.settings)
        try requireDurability()
    }

    deinit { functions.PQfinish(handle) }

    private static let settings = [
        "SET synchronous_commit = on", "SET statement_timeout = '60s'", "SET lock_timeout = '15s'",
        "SET idle_in_transaction_session_timeout = '60s'",
        // Large scans read a cursor to its end, so the plan must be the best one for all rows.
        "SET cursor_tuple_fraction = 1.0",
    ]

    private func settle(with statements: [String]) throws {
        for statement in statements { try send(statement, []) { $0 } }
        try settle()
    }

    private func requireDurability() throws {
        for setting in ["fsync", "full_page_writes"] {
            var value = ""
            try rows("SELECT current_setting('\(setting)')", []) { value = $0.text(0) }
            guard value == "on" else {
                throw Problem(
                    .refused, code: "store.not-durable",
                    "The database acknowledges changes that a power loss would take away (\(setting) is \(value)).",
                    hint: "Set \(setting) = on in postgresql.conf and reload.")
            }
        }
    }

    private static func withStrings<T>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T
    ) -> T {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        for string in strings {
            offsets.append(bytes.count)
            bytes.append(contentsOf: string.utf8.lazy.filter { $0 != 0 }.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
        return bytes.withUnsafeBufferPointer { buffer in
            var pointers = offsets.map { offset in buffer.baseAddress?.advanced(by: offset) }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { list in
                guard let first = list.baseAddress else { preconditionFailure("a list with an end is never empty") }
                return body(first)
            }
        }
    }

    // MARK: - What state it is in

    /// `15.18`
    var version: String {
        functions.PQparameterStatus(handle, "server_version").map { String(cString: $0) } ?? "unknown"
    }

    private var lastMessage: String { functions.PQerrorMessage(handle).map { String(cString: $0) } ?? "" }

    /// Whether the connection is still there, as far as is known without asking the server.
    var isConnected: Bool { !isGivenUp && functions.PQstatus(handle) == CONNECTION_OK }

    /// As ``isConnected``, after looking whether the server has hung up since. It says goodbye first, so that it takes two
    /// looks to see that it is gone.
    var isStillConnected: Bool {
        functions.PQconsumeInput(handle) == 1 && functions.PQconsumeInput(handle) == 1 && isConnected
    }

    /// Whether it is inside a transaction, be it a failed one.
    var isInTransaction: Bool {
        isConnected && [PQTRANS_INTRANS, PQTRANS_INERROR].contains(functions.PQtransactionStatus(handle))
    }

    // MARK: - Sending

    private func enqueue(
        _ sql: String, _ arguments: [SQLValue], for purpose: Sent.Purpose = .run,
        explain: @escaping (any Error) -> any Error = { $0 }
    ) throws {
        let bound = BoundArguments(arguments)
        let key = PreparedKey(sql: sql, types: bound.types)
        let name: String
        if let known = prepared[key] {
            name = known
        } else {
            let isKept = prepared.count < Self.mostPrepared
            name = isKept ? "s\(prepared.count)" : ""
            let accepted = bound.types.withUnsafeBufferPointer { types in
                functions.PQsendPrepare(handle, name, Self.numbered(sql), Int32(types.count), types.baseAddress)
            }
            guard accepted == 1 else { throw lost() }
            sent.append(Sent(purpose: .prepare(key), explain: explain))
            if isKept { prepared[key] = name }
        }
        let accepted = bound.withPointers { count, values, lengths, formats in
            functions.PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
        }
        guard accepted == 1 else { throw lost() }
        sent.append(Sent(purpose: purpose, explain: explain))
    }

    /// PostgreSQL numbers its parameters: each `?` becomes `$1`, `$2` …
    private static func numbered(_ sql: String) -> String {
        var number = 0
        var text: [UInt8] = []
        text.reserveCapacity(sql.utf8.count + 32)
        for byte in sql.utf8 {
            if byte == UInt8(ascii: "?") {
                number += 1
                text.append(contentsOf: "$\(number)".utf8)
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: - Reading answers

    /// Reads the answers to all that was sent.
    ///
    /// - Returns: The answer to the last statement.
    /// - Throws: What the first failed statement met; the later ones were then not done.
    @discardableResult
    private func answers() throws -> PostgreSQLResult? {
        guard !sent.isEmpty else { return nil }
        let awaited = sent
        sent = []
        guard functions.PQpipelineSync(handle) == 1 else { throw lost() }
        var failure: (any Error)?
        var last: PostgreSQLResult?
        for statement in awaited {
            guard let result = next() else { throw failure ?? lost() }
            // Each statement's answer is closed by a null pointer.
            guard functions.PQgetResult(handle) == nil else { throw failure ?? lost() }
            if let problem = result.problem {
                if problem.code == "store.read-only" { isReadOnly = true }
                if failure == nil, !result.isAborted { failure = statement.explain(problem) }
                if case .prepare(let key) = statement.purpose { prepared[key] = nil }
            } else if case .prefetch(let key) = statement.purpose {
                prefetched[key] = result
            }
            last = result
        }
        guard next()?.isSync == true else { throw failure ?? lost() }
        if let failure { throw failure }
        return last
    }

    /// The whole answer to a query without values.
    func query(_ sql: String) throws -> PostgreSQLResult {
        try enqueue(sql, [])
        guard let result = try answers() else { throw lost() }
        return result
    }

    private func next() -> PostgreSQLResult? {
        guard isAnsweredInTime() else {
            isGivenUp = true
            return nil
        }
        return functions.PQgetResult(handle).map { PostgreSQLResult($0, functions) }
    }

    /// Waits for an answer until the deadline, if there is one. Only then; libpq waits by itself otherwise.
    private func isAnsweredInTime() -> Bool {
        guard let deadline else { return true }
        while functions.PQisBusy(handle) == 1 {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            var descriptor = pollfd(fd: functions.PQsocket(handle), events: Int16(POLLIN), revents: 0)
            _ = poll(&descriptor, 1, Int32(clamping: Int64(left / .milliseconds(1)) + 1))
            // A connection that broke is reported by the result.
            guard functions.PQconsumeInput(handle) == 1 else { return true }
        }
        return true
    }

    private func lost() -> Problem {
        sent = []
        prefetched = [:]
        return PostgreSQLProblem.lost(lastMessage)
    }
}

extension PostgreSQLConnection: SQLSession {
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try enqueue(sql, arguments)
        return try answers()?.changedRows ?? 0
    }

    func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        let key = PrefetchKey(sql: sql, arguments: arguments)
        if !sent.isEmpty, sent.contains(where: { if case .prefetch(key) = $0.purpose { true } else { false } }) {
            try answers()
        }
        if let result = prefetched.removeValue(forKey: key) { return try result.forEach(each) }
        try enqueue(sql, arguments)
        try answers()?.forEach(each)
    }

    func integers(
        _ sql: String, _ arguments: [SQLValue], columns: Int, _ each: (Span<Int64>) throws -> Void
    ) throws {
        // A cursor, so that a million rows never lie in memory at once.
        let stretch = 20_000
        cursors += 1
        let cursor = "scan\(cursors)"
        defer { cursors -= 1 }
        try enqueue("DECLARE \(cursor) NO SCROLL CURSOR FOR \(sql)", arguments)
        var buffer = [Int64](repeating: 0, count: columns)
        while true {
            try enqueue("FETCH \(stretch) FROM \(cursor)", [])
            guard let result = try answers() else { break }
            for row in 0..<result.rowCount {
                for column in 0..<columns { buffer[column] = result.integer(row, column) ?? .min }
                try each(buffer.span)
            }
            if result.rowCount < stretch { break }
        }
        try enqueue("CLOSE \(cursor)", [])
    }

    func send(_ sql: String, _ arguments: [SQLValue], explain: @escaping (any Error) -> any Error) throws {
        try enqueue(sql, arguments, explain: explain)
        if sent.count >= Self.mostSent { try answers() }
    }

    func prefetch(_ sql: String, _ arguments: [SQLValue]) throws {
        try enqueue(sql, arguments, for: .prefetch(PrefetchKey(sql: sql, arguments: arguments)))
    }

    func settle() throws { try answers() }

    func forget() { prefetched = [:] }

    func enter(_ organisation: Identifier<Organisation>) throws { try RowSecurity.enter(organisation, on: self) }

    var rowLock: String { " FOR UPDATE" }

    var claimingLock: String { " FOR UPDATE SKIP LOCKED" }

    /// Commits, and makes sure that it was a commit: PostgreSQL answers one in a failed transaction with a rollback.
    ///
    /// - Parameter patience: How long to wait for the answer; without an end if `nil`.
    /// - Throws: `Problem` `store.unknown-outcome` if it did not come.
    func commit(within patience: Duration? = nil) throws {
        try enqueue("COMMIT", [])
        deadline = patience.map { ContinuousClock.now + $0 }
        defer { deadline = nil }
        do {
            guard try answers()?.status == "COMMIT" else {
                throw PostgreSQLProblem.from(state: "40000", cause: "rolled back")
            }
        } catch {
            guard isConnected else { throw PostgreSQLProblem.unknownOutcome((error as? Problem)?.cause) }
            throw error
        }
        prefetched = [:]
    }

    /// Ends the transaction without effect; a connection that cannot even do that is given up.
    func rollBack() {
        prefetched = [:]
        guard isConnected else { return }
        do {
            try? settle()
            if isInTransaction { _ = try execute("ROLLBACK", []) }
        } catch {
            // It is not used again: `isConnected` says so, or the next `BEGIN` reports it.
        }
    }
}
