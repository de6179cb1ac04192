import Kernel

/// The file that shows a verdict to anyone, offline: the statement, the row that holds it, the ledger entry that carries the
/// row, and the receipt that the entry is in the signed ledger.
///
/// Every byte of it is vouched for by the signature, so that no byte can be changed unnoticed: the statement, salt and header by
/// the row's digest, the digest by the entry's content root, the entry by the receipt, the receipt by the checkpoint.
public struct VerdictProof: Hashable, Sendable {
    /// The readable part of the row that holds the statement.
    public let header: RowHeader
    /// The row's salt, 32 bytes.
    public let salt: [UInt8]
    /// Which of the rows of the change it is, from 0.
    public let position: UInt64
    /// The path from the row to the change's content root.
    public let path: [MerkleHash]
    /// What is stated.
    public let statement: Statement
    /// The entry that carries the row.
    public let entry: LedgerEntry
    /// The place of the entry in the ledger.
    public let receipt: InclusionReceipt

    /// The table whose rows hold statements; a row of any other table proves no verdict.
    public static let table = "verdict_statement"

    /// A proof out of its parts; it is not checked here that they fit together.
    public init(
        header: RowHeader, salt: [UInt8], position: UInt64, path: [MerkleHash], statement: Statement,
        entry: LedgerEntry,
        receipt: InclusionReceipt
    ) {
        self.header = header
        self.salt = salt
        self.position = position
        self.path = path
        self.statement = statement
        self.entry = entry
        self.receipt = receipt
    }

    static let formatLine = "vouchsafe/proof@v1"

    /// The most bytes of a proof file.
    public static let sizeLimit = 512 * 1024

    /// The file's bytes.
    ///
    /// - Throws: A `Problem` (invalid) if the statement cannot be written.
    public func encoded() throws(Problem) -> [UInt8] {
        var bytes = Array("\(Self.formatLine)\nrow \(header.text)\nsalt \(salt.base64)\n".utf8)
        bytes.append(contentsOf: "position \(position) of \(entry.rows)\n".utf8)
        for hash in path { bytes.append(contentsOf: "\(hash)\n".utf8) }
        bytes.append(TextLines.lineFeed)
        bytes.append(contentsOf: try statement.encoded())
        bytes.append(TextLines.lineFeed)
        bytes.append(contentsOf: entry.encoded)
        bytes.append(TextLines.lineFeed)
        bytes.append(contentsOf: receipt.encoded)
        return bytes
    }
}

// MARK: - Reading

extension VerdictProof {
    /// Reads a proof file; of each proof there is one spelling only.
    ///
    /// - Throws: A `Problem` (refused, `proof.malformed` or that of the part concerned) that says what is wrong.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= Self.sizeLimit else { throw Self.malformed("It is longer than \(Self.sizeLimit) bytes.") }
        let blocks = try Self.blocks(bytes)
        let row = try RowBlock(parsing: blocks.row)
        self.init(
            header: row.header, salt: row.salt, position: row.position, path: row.path,
            statement: try Statement(parsing: blocks.statement), entry: try LedgerEntry(parsing: blocks.entry),
            receipt: try InclusionReceipt(parsing: blocks.receipt))
        guard row.count == entry.rows else {
            throw Problem(
                .refused, code: "proof.rows",
                "The proof speaks of \(row.count) rows, the ledger entry of \(entry.rows).")
        }
        guard try encoded() == bytes else { throw Self.malformed("It is not written in the one canonical form.") }
    }

    /// The three blocks that empty lines end, and the rest.
    private static func blocks(
        _ bytes: [UInt8]
    ) throws(Problem) -> (row: [UInt8], statement: [UInt8], entry: [UInt8], receipt: [UInt8]) {
        var blocks: [[UInt8]] = []
        var start = 0
        var index = 1
        while index < bytes.count, blocks.count < 3 {
            if bytes[index] == TextLines.lineFeed, bytes[index - 1] == TextLines.lineFeed {
                blocks.append(Array(bytes[start..<index]))
                start = index + 1
            }
            index += 1
        }
        guard blocks.count == 3 else {
            throw malformed("It must have four parts, separated by empty lines: row, statement, entry and receipt.")
        }
        return (blocks[0], blocks[1], blocks[2], Array(bytes[start...]))
    }

    static func malformed(_ reason: String, line: Int? = nil) -> Problem {
        Problem(
            .refused, code: "proof.malformed", "The proof is malformed. \(reason)",
            place: line.map { Problem.Place(line: $0) })
    }
}

/// The first part of a proof file: the row and its place in the change.
private struct RowBlock {
    let header: RowHeader
    let salt: [UInt8]
    let position, count: UInt64
    let path: [MerkleHash]

    init(parsing bytes: [UInt8]) throws(Problem) {
        guard let lines = TextLines.split(bytes[...]), lines.count >= 4,
            lines[0].elementsEqual(VerdictProof.formatLine.utf8)
        else {
            throw VerdictProof.malformed(
                "It does not begin with \(VerdictProof.formatLine), row, salt and position.", line: 1)
        }
        guard lines[1].starts(with: "row ".utf8), let header = RowHeader(line: lines[1].dropFirst(4)) else {
            throw VerdictProof.malformed("The row line is not a table, an id, a version and columns.", line: 2)
        }
        guard let salt = Self.value(of: "salt", in: lines[2]).flatMap({ [UInt8](canonicalBase64: $0) }),
            salt.count == RowDigest.saltSize
        else { throw VerdictProof.malformed("The salt is not the base64 of 32 bytes.", line: 3) }
        let words = Self.value(of: "position", in: lines[3])?.split(separator: " ", omittingEmptySubsequences: false)
        guard let words, words.count == 3, words[1] == "of", let position = TextLines.number(String(words[0])),
            let count = TextLines.number(String(words[2]))
        else { throw VerdictProof.malformed("The position is not of the form: position 0 of 1.", line: 4) }
        var path: [MerkleHash] = []
        for line in lines[4...] {
            guard path.count < 64, let hash = TextLines.string(line).flatMap({ MerkleHash($0) }) else {
                throw VerdictProof.malformed(
                    "A hash of the row's path is not the base64 of 32 bytes.", line: 5 + path.count)
            }
            path.append(hash)
        }
        self.header = header
        self.salt = salt
        self.position = position
        self.count = count
        self.path = path
    }

    private static func value(of name: String, in line: ArraySlice<UInt8>) -> String? {
        line.starts(with: "\(name) ".utf8) ? TextLines.string(line.dropFirst(name.utf8.count + 1)) : nil
    }
}
