import Kernel

/// The last line of an export: what the ledger's key says about every line before it.
///
/// The entries alone lead to the signed root whether a row stands below them or only its digest, so whoever holds the file could
/// put digests in the place of rows, or name another export in the header. This statement says what was there at the making.
public struct ExportClosing: Hashable, Sendable {
    /// Whose record it is.
    public let organisation: Identifier<LedgerOwner>
    /// Which export it closes.
    public let export: Identifier<ExportFormat>
    /// The ledger entry that tells of this export.
    public let entry: UInt64
    /// How many entries there are.
    public let entries: UInt64
    /// How many rows stand there as they were written.
    public let rows: UInt64
    /// How many rows only left their digest.
    public let digests: UInt64
    /// The SHA-256 of every byte before the last line, in hexadecimal digits.
    public let sha256: String

    /// No ledger is named so, which makes sure that this text never passes for a checkpoint, nor a checkpoint for it.
    static let formatLine = "vouchsafe/export-closing@v1"

    private static let lineStart: StaticString = "{\"closing\":\""

    /// The text to be signed.
    var text: [UInt8] {
        let text = """
            \(Self.formatLine)
            organisation \(organisation)
            export \(export)
            entry \(entry)
            entries \(entries)
            rows \(rows)
            digests \(digests)
            sha256 \(sha256)

            """
        return Array(text.utf8)
    }

    /// The line with its line feed.
    ///
    /// - Parameter signer: The ledger's own key, which also signs its checkpoints.
    public func line(signedBy signer: NoteSigner) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        Self.lineStart.withUTF8Buffer { bytes.append(contentsOf: $0) }
        JSONText.appendEscaped(try signer.sign(text).encoded.span, to: &bytes)
        bytes.append(contentsOf: "\"}\n".utf8)
        return bytes
    }

    /// Whether `line` is meant to be the last one.
    static func begins(_ line: Span<UInt8>) -> Bool { LineScanner().stands(lineStart, in: line) }

    /// Reads the line, without its line feed, once it is known that `verifier` and nobody else signed it.
    ///
    /// - Throws: A `Problem` (refused).
    init(line: Span<UInt8>, signedBy verifier: NoteVerifier) throws(Problem) {
        var scanner = LineScanner()
        var note: [UInt8] = []
        guard scanner.take(Self.lineStart, in: line), scanner.escaped(in: line, into: &note),
            scanner.take("}", in: line), scanner.isAtEnd(of: line)
        else { throw Self.malformed }
        try self.init(parsing: try SignedNote(parsing: note).text(signedOnlyBy: [verifier]))
    }

    private init(parsing text: [UInt8]) throws(Problem) {
        guard var fields = FieldReader(text, formatLine: Self.formatLine),
            let organisation = fields.next("organisation").flatMap({ Identifier<LedgerOwner>($0) }),
            let export = fields.next("export").flatMap({ Identifier<ExportFormat>($0) }),
            let entry = fields.next("entry").flatMap(TextLines.number),
            let entries = fields.next("entries").flatMap(TextLines.number),
            let rows = fields.next("rows").flatMap(TextLines.number),
            let digests = fields.next("digests").flatMap(TextLines.number),
            let sha256 = fields.next("sha256"), fields.isAtEnd
        else { throw Self.malformed }
        self.init(
            organisation: organisation, export: export, entry: entry, entries: entries, rows: rows, digests: digests,
            sha256: sha256)
        guard self.text == text else { throw Self.malformed }
    }

    init(
        organisation: Identifier<LedgerOwner>, export: Identifier<ExportFormat>, entry: UInt64, entries: UInt64,
        rows: UInt64, digests: UInt64, sha256: String
    ) {
        self.organisation = organisation
        self.export = export
        self.entry = entry
        self.entries = entries
        self.rows = rows
        self.digests = digests
        self.sha256 = sha256
    }

    /// Makes sure that what was read is what was signed.
    ///
    /// - Parameter found: What there is to sign of the lines before.
    /// - Throws: A `Problem` (refused) that tells rows which were taken out from any other change.
    func check(_ found: ExportClosing) throws(Problem) {
        if found.organisation == organisation, found.export == export, found.entries == entries,
            found.digests > digests,
            found.rows + found.digests == rows + digests
        {
            throw Problem(
                .refused, code: "export.withheld",
                "Rows were taken out after the export was made, and their digests put in their place: it was signed with \(rows) rows and has \(found.rows).",
                hint: "Ask the organisation itself for the export, and whoever handed you this one what is missing.")
        }
        guard found == self else {
            throw Problem(
                .refused, code: "export.changed",
                "The export was changed after it was made: its last line is signed over other lines.",
                hint: "Ask for another export.")
        }
    }

    private static let malformed = ExportFormat.malformed("Its last line is not a signed closing.")
}
