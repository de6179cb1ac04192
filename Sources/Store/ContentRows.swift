import Kernel
import Ledger

/// The rows that one ledger entry's content root covers, gathered from wherever they are now.
struct ContentRows {
    let session: any SQLSession
    let organisation: Identifier<Organisation>
    let tables: [RecordTable]

    /// The stored digests of the rows that entry `entry` wrote, in their order.
    ///
    /// - Throws: `Problem` of kind `refused` if one of them is missing or doubled.
    func digests(of entry: Int64) throws -> [RowDigest] {
        var found: [(position: Int64, digest: RowDigest)] = []
        for table in tables.map(\.name) + ["ledger_residue"] {
            try session.rows(
                "SELECT position, digest FROM \(table) WHERE organisation = ? AND entry = ?",
                [.blob(organisation.bytes), .integer(entry)]
            ) { row in
                guard let digest = RowDigest(bytes: row.blob(1)) else {
                    throw Problem(.refused, code: "ledger.damaged-digest", "A row of \(table) has a damaged digest.")
                }
                found.append((row.integer(0), digest))
            }
        }
        found.sort { $0.position < $1.position }
        for (expected, row) in found.enumerated() where row.position != Int64(expected) {
            throw Problem(
                .refused, code: "ledger.missing-row",
                "Row \(expected) of what ledger entry \(entry) wrote is missing or doubled.")
        }
        return found.map(\.digest)
    }
}
