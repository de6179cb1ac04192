import Kernel
import Ledger
import Store

/// A published statement about one commitment; its body is the exact text that a proof shows.
struct VerdictStatement: Record, Hashable {
    let id: Identifier<VerdictStatement>
    let commitment: Identifier<Commitment>
    let statement: Statement

    static let table = RecordTable(
        VerdictProof.table,
        indexColumns: [.blob("commitment"), .integer("as_of"), .text("verdict")],
        indexes: [TableDefinition.Index("commitment", "as_of")])

    var indexColumns: [SQLValue] {
        [.blob(commitment.bytes), .integer(statement.asOf.milliseconds), .text(statement.verdict)]
    }

    init(id: Identifier<VerdictStatement>, commitment: Identifier<Commitment>, statement: Statement) {
        self.id = id
        self.commitment = commitment
        self.statement = statement
    }

    func storedBody() throws -> [UInt8] { try statement.encoded() }

    /// The identifiers stand in the row beside the body; whoever needs them reads the columns.
    init(storedBody: [UInt8]) throws {
        id = Identifier(high: 0, low: 0)
        commitment = Identifier(high: 0, low: 0)
        statement = try Statement(parsing: storedBody)
    }
}
