import CPostgreSQL
import Kernel
import Store

/// What the server answered to one statement. Freed with the value.
final class PostgreSQLResult {
    private let handle: OpaquePointer
    private let functions: PostgreSQLFunctions

    init(_ handle: OpaquePointer, _ functions: PostgreSQLFunctions) {
        self.handle = handle
        self.functions = functions
    }

    deinit { functions.PQclear(handle) }

    private var kind: ExecStatusType { functions.PQresultStatus(handle) }

    var isSync: Bool { kind == PGRES_PIPELINE_SYNC }
    /// Whether the statement was passed over because an earlier one failed.
    var isAborted: Bool { kind == PGRES_PIPELINE_ABORTED }

    /// Why the statement failed; `nil` if it did not.
    var problem: Problem? {
        if kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK { return nil }
        return PostgreSQLProblem.from(
            state: field("C"), cause: "\(field("M")) \(field("D"))\(field("n"))\(isAborted ? "passed over" : "")")
    }

    /// A field of an error, by the letter that the protocol gives it.
    private func field(_ letter: Unicode.Scalar) -> String {
        functions.PQresultErrorField(handle, Int32(letter.value)).map { String(cString: $0) } ?? ""
    }

    /// The name of the command that was done, such as `COMMIT`.
    var status: String { functions.PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    var changedRows: Int { functions.PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }

    var columnCount: Int { Int(functions.PQnfields(handle)) }
    var rowCount: Int { Int(functions.PQntuples(handle)) }

    func forEach(_ each: (any SQLRow) throws -> Void) throws {
        for row in 0..<rowCount { try each(PostgreSQLRow(result: self, row: row)) }
    }

    /// The bytes of one value; `nil` for `NULL`.
    private func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        guard functions.PQgetisnull(handle, Int32(row), Int32(column)) == 0,
            let start = functions.PQgetvalue(handle, Int32(row), Int32(column))
        else { return nil }
        return UnsafeRawBufferPointer(
            start: start, count: Int(functions.PQgetlength(handle, Int32(row), Int32(column))))
    }

    /// A binary integer of any width, most significant byte first; `nil` for `NULL`.
    func integer(_ row: Int, _ column: Int) -> Int64? {
        guard let bytes = bytes(row, column) else { return nil }
        if bytes.count == 8 { return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)) }
        guard let first = bytes.first else { return nil }
        return bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) { $0 << 8 | Int64($1) }
    }

    func value(_ row: Int, _ column: Int) -> SQLValue {
        guard let bytes = bytes(row, column) else { return .null }
        switch functions.PQftype(handle, Int32(column)) {
        case PostgreSQLType.bigint, PostgreSQLType.integer, PostgreSQLType.smallint, PostgreSQLType.boolean:
            return integer(row, column).map { .integer($0) } ?? .null
        case PostgreSQLType.bytea: return .blob([UInt8](bytes))
        case PostgreSQLType.text, PostgreSQLType.name, PostgreSQLType.unknown:
            return .text(String(decoding: bytes, as: UTF8.self))
        default: return .null
        }
    }
}

/// The types that our tables and queries use, by the numbers that PostgreSQL's catalogue gives them (`pg_type.dat`).
enum PostgreSQLType {
    static let boolean: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let bigint: Oid = 20
    static let smallint: Oid = 21
    static let integer: Oid = 23
    static let text: Oid = 25
    static let unknown: Oid = 705
}

/// A row of a result, read where it lies.
private struct PostgreSQLRow: SQLRow {
    let result: PostgreSQLResult
    let row: Int

    func value(_ column: Int) -> SQLValue { result.value(row, column) }
}

/// Values of a statement as libpq takes them: one buffer, and where in it each lies.
struct BoundArguments {
    let types: [Oid]
    private var bytes: [UInt8] = []
    /// Where each value begins; `nil` for `NULL`.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []

    init(_ arguments: [SQLValue]) {
        types = arguments.map { argument in
            switch argument {
            // Its place in the statement tells the type.
            case .null: 0
            case .integer: PostgreSQLType.bigint
            case .text: PostgreSQLType.text
            case .blob: PostgreSQLType.bytea
            }
        }
        // Never empty, so that it has an address.
        bytes = [0]
        for argument in arguments {
            let start = bytes.count
            switch argument {
            case .null:
                offsets.append(nil)
                lengths.append(0)
                continue
            case .integer(let value): withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let value): bytes.append(contentsOf: value.utf8)
            case .blob(let value): bytes.append(contentsOf: value)
            }
            offsets.append(start)
            lengths.append(Int32(clamping: bytes.count - start))
        }
        // So that even an empty last value has an address.
        bytes.append(0)
    }

    func withPointers<T>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> T
    ) -> T {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.assumingMemoryBound(to: CChar.self).baseAddress
            let values = offsets.map { offset -> UnsafePointer<CChar>? in
                guard let offset, let base else { return nil }
                return base + offset
            }
            let formats = [Int32](repeating: 1, count: values.count)
            return values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(Int32(values.count), values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
