import Kernel

/// The first line of an export: whose record it is, which export, and the signed state of the ledger that all the rest must
/// lead to.
public struct ExportHeader: Hashable, Sendable {
    /// Whose record it is.
    public let organisation: Identifier<LedgerOwner>
    /// Which export it is; the ledger holds an entry of this name.
    public let export: Identifier<ExportFormat>
    /// When it was made, which is the time of that entry.
    public let madeAt: Instant
    /// The ledger's key as the export tells it. Nobody should trust it for that.
    public let verifier: NoteVerifier
    /// The checkpoint that covers every entry of the export, with the signature of the ledger's own key and no other.
    public let note: SignedNote

    /// A header out of its parts.
    ///
    /// - Parameter note: The signed checkpoint. Signatures of others are left out: whoever holds only the ledger's key could not
    ///   tell a changed one.
    public init(
        organisation: Identifier<LedgerOwner>, export: Identifier<ExportFormat>, madeAt: Instant,
        verifier: NoteVerifier, note: SignedNote
    ) {
        self.organisation = organisation
        self.export = export
        self.madeAt = madeAt
        self.verifier = verifier
        self.note = SignedNote(text: note.text, signatures: note.signatures.filter { verifier.isNamed(in: $0) })
    }

    /// The line with its line feed.
    public var encoded: [UInt8] {
        var bytes = Array(ExportFormat.headerStart.utf8)
        for (name, value) in [
            ("organisation", organisation.description), ("export", export.description), ("made", madeAt.description),
            ("key", verifier.text),
        ] {
            bytes.append(contentsOf: "\"\(name)\":\"\(value)\",".utf8)
        }
        bytes.append(contentsOf: "\"checkpoint\":\"".utf8)
        JSONText.appendEscaped(note.encoded.span, to: &bytes)
        bytes.append(contentsOf: "\"}\n".utf8)
        return bytes
    }

    /// Reads the line, without its line feed.
    ///
    /// - Throws: A `Problem` (refused) unless it is what ``encoded`` gives for some header.
    init(line: Span<UInt8>) throws(Problem) {
        var scanner = LineScanner()
        guard scanner.take("{\"format\":\"", in: line), let format = scanner.plain(in: line) else {
            throw ExportFormat.malformed("It does not begin with {\"format\":\"\(ExportFormat.name)\"", line: 1)
        }
        guard line.text(format) == ExportFormat.name else {
            throw Problem(
                .refused, code: "export.version",
                "The export is written in \(line.text(format)); this program reads \(ExportFormat.name).",
                hint: "Verify it with a newer version of Vouchsafe.", place: Problem.Place(line: 1))
        }
        var note: [UInt8] = []
        guard scanner.take(",\"organisation\":\"", in: line),
            let organisation = scanner.plain(in: line).flatMap({ Identifier<LedgerOwner>(line.text($0)) }),
            scanner.take(",\"export\":\"", in: line),
            let export = scanner.plain(in: line).flatMap({ Identifier<ExportFormat>(line.text($0)) }),
            scanner.take(",\"made\":\"", in: line),
            let madeAt = scanner.plain(in: line).flatMap({ Instant(line.text($0)) }),
            scanner.take(",\"key\":\"", in: line), let key = scanner.plain(in: line).map({ line.text($0) }),
            scanner.take(",\"checkpoint\":\"", in: line),
            scanner.escaped(in: line, into: &note), scanner.take("}", in: line), scanner.isAtEnd(of: line)
        else { throw Self.malformed }
        do {
            self.init(
                organisation: organisation, export: export, madeAt: madeAt, verifier: try NoteVerifier(parsing: key),
                note: try SignedNote(parsing: note))
        } catch {
            throw Problem(.refused, code: error.code, error.message, place: Problem.Place(line: 1))
        }
        guard line.isEqual(to: encoded.span.extracting(droppingLast: 1)) else { throw Self.malformed }
    }

    private static var malformed: Problem {
        ExportFormat.malformed("The first line is not organisation, export, time, key and checkpoint.", line: 1)
    }
}
