import Kernel

/// The line of a ledger entry in an export, read without making anything of its parts but what verifying needs.
///
/// It accepts what ``LedgerEntry`` accepts: the leaf is made of the parts, and its hash must lead to the signed root.
struct ExportedEntry {
    let rows: UInt64
    let content: MerkleHash
    let at: Range<Int>
    let actor: Range<Int>
    let action: Range<Int>
    /// Nothing where the entry names no subject.
    let subject: Range<Int>?
    private let rowsDigits: Range<Int>
    private let contentDigits: Range<Int>

    /// Reads the line of entry `number`.
    ///
    /// - Parameter scratch: Room to work in.
    /// - Returns: `nil` unless it is exactly the line of such an entry.
    init?(_ line: Span<UInt8>, prefix: [UInt8], _ scratch: inout [UInt8]) {
        var scanner = LineScanner()
        guard scanner.take(prefix, in: line), scanner.take("\"at\":\"", in: line),
            let at = scanner.fixed(24, in: line), scanner.take(",\"actor\":\"", in: line),
            let actor = scanner.plain(in: line), scanner.take(",\"action\":\"", in: line),
            let action = scanner.plain(in: line), scanner.take(",\"subject\":", in: line)
        else { return nil }
        var subject: Range<Int>?
        if !scanner.take("null", in: line) {
            guard scanner.take("\"", in: line), let named = scanner.plain(in: line) else { return nil }
            subject = named
        }
        guard scanner.take(",\"rows\":", in: line) else { return nil }
        let rowsStart = scanner.position
        guard let rows = scanner.number(in: line) else { return nil }
        rowsDigits = rowsStart..<scanner.position
        guard scanner.take(",\"content\":\"", in: line), let contentDigits = scanner.fixed(44, in: line),
            let content = MerkleHash(base64: line.extracting(contentDigits), &scratch),
            scanner.take("}", in: line), scanner.isAtEnd(of: line), rows > 0 || content == .emptyRoot,
            EntryName.isReference(line.extracting(actor)), EntryName.isAction(line.extracting(action)),
            subject.map({ EntryName.isReference(line.extracting($0)) }) ?? true
        else { return nil }
        self.rows = rows
        self.content = content
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.contentDigits = contentDigits
    }

    /// Adds the entry's canonical text: the bytes of the Merkle leaf.
    ///
    /// - Parameter beginning: The lines up to the organisation's, which all entries of a ledger share.
    func appendLeaf(of line: Span<UInt8>, after beginning: [UInt8], to leaf: inout [UInt8]) {
        leaf.append(contentsOf: beginning)
        Self.append("at ", line, at, to: &leaf)
        Self.append("actor ", line, actor, to: &leaf)
        Self.append("action ", line, action, to: &leaf)
        if let subject {
            Self.append("subject ", line, subject, to: &leaf)
        } else {
            leaf.append(contentsOf: "subject -\n".utf8)
        }
        Self.append("rows ", line, rowsDigits, to: &leaf)
        Self.append("content ", line, contentDigits, to: &leaf)
    }

    /// The lines that the texts of all entries of a ledger begin with.
    static func beginning(_ organisation: Identifier<LedgerOwner>) -> [UInt8] {
        Array("\(LedgerEntry.formatLine)\norganisation \(organisation)\n".utf8)
    }

    private static func append(
        _ name: StaticString, _ line: Span<UInt8>, _ value: Range<Int>, to leaf: inout [UInt8]
    ) {
        name.withUTF8Buffer { leaf.append(contentsOf: $0) }
        leaf.append(line.extracting(value))
        leaf.append(TextLines.lineFeed)
    }
}
