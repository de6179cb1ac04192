import Kernel

/// The state of a verification between two lines.
struct ExportWalk {
    private let verifier: NoteVerifier
    private var line = 0
    private var header: ExportHeader?
    private var checkpoint: Checkpoint?
    private var frontier = MerkleFrontier()
    private var open: OpenEntry?
    /// The entry that tells of this export, once it was met.
    private var recorded: UInt64?
    private var closing: ExportClosing?

    private var residues = 0
    private var tables = ExportTally()
    private var actions = ExportTally()
    private var times = TimeReader()

    // Kept between lines, so that no memory is taken for each.
    private var beginning: [UInt8] = []
    private var subject: [UInt8] = []
    private var prefix: [UInt8] = []
    private var scratch: [UInt8] = []
    private var row = ExportedRow()

    /// The entry whose rows are being read.
    private struct OpenEntry {
        let rows: UInt64
        let content: MerkleHash
        var tree = MerkleFrontier()
    }

    init(verifier: NoteVerifier) {
        self.verifier = verifier
    }

    var entries: UInt64 { frontier.size }

    var signedEntries: UInt64 { checkpoint?.size ?? 0 }

    /// Takes in the next line, without its line feed.
    mutating func take(_ bytes: Span<UInt8>) throws(Problem) {
        line += 1
        guard let header else { return try takeHeader(bytes) }
        guard closing == nil else { throw refusal("export.surplus", "Something follows the signed last line.") }
        if open != nil { try takeRow(bytes) } else { try takeEntry(bytes, header) }
        try closeEntry()
    }

    private mutating func takeHeader(_ bytes: Span<UInt8>) throws(Problem) {
        let read = try ExportHeader(line: bytes)
        guard read.verifier == verifier else {
            throw Problem(
                .refused, code: "export.key",
                "The export is of the ledger \(read.verifier.name), signed with another key than \(verifier.name)'s.",
                hint: "Ask the organisation for its ledger's key, on another way than the export came.",
                place: Problem.Place(line: 1))
        }
        do {
            checkpoint = try Checkpoint(openingStrictly: read.note, with: verifier)
        } catch {
            throw Problem(error.kind, code: error.code, error.message, hint: error.hint, place: Problem.Place(line: 1))
        }
        beginning = ExportedEntry.beginning(read.organisation)
        subject = Array(ExportFormat.subject(of: read.export).utf8)
        header = read
    }

    // MARK: - Entries

    private mutating func takeEntry(_ bytes: Span<UInt8>, _ header: ExportHeader) throws(Problem) {
        let number = frontier.size
        guard let checkpoint, number < checkpoint.size else {
            throw refusal("export.surplus", "Something follows the last of the \(number) signed entries.")
        }
        prefix.removeAll(keepingCapacity: true)
        prefix.append(contentsOf: "{\"entry\":".utf8)
        appendDecimal(number)
        prefix.append(UInt8(ascii: ","))
        guard let entry = ExportedEntry(bytes, prefix: prefix, &scratch),
            let time = times.instant(bytes.extracting(entry.at))
        else { throw ExportFormat.malformed("Entry \(number) should stand here, in its one spelling.", line: line) }
        scratch.removeAll(keepingCapacity: true)
        // The prefix of a leaf (RFC 6962 §2.1).
        scratch.append(0)
        entry.appendLeaf(of: bytes, after: beginning, to: &scratch)
        frontier.append(scratch.withUnsafeBytes { MerkleHash(digesting: $0) })
        actions.count(bytes.extracting(entry.action), at: time)
        if let named = entry.subject, time == header.madeAt, bytes.extracting(named).isEqual(to: subject.span),
            bytes.extracting(entry.action).isEqual(to: ExportFormat.action.utf8.span)
        {
            recorded = number
        }
        open = OpenEntry(rows: entry.rows, content: entry.content)
    }

    /// Adds a number to the prefix of the lines, without making a string of it.
    private mutating func appendDecimal(_ number: UInt64) {
        let start = prefix.count
        var rest = number
        repeat {
            prefix.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        prefix[start...].reverse()
    }

    // MARK: - Rows

    private mutating func takeRow(_ bytes: Span<UInt8>) throws(Problem) {
        guard let number = open?.tree.size else { return }
        guard let digest = row.digest(bytes, prefix: prefix, number: number) else {
            throw ExportFormat.malformed(
                "Row \(number) of entry \(frontier.size - 1) should stand here, in its one spelling.", line: line)
        }
        open?.tree.append(digest.leafHash)
        if let table = row.table { tables.count(bytes.extracting(table)) } else { residues += 1 }
    }

    private mutating func closeEntry() throws(Problem) {
        guard let entry = open, entry.tree.size == entry.rows else { return }
        guard entry.tree.root == entry.content else {
            throw refusal(
                "export.content",
                "The rows of entry \(frontier.size - 1) are not those that it committed to: one of them was changed.")
        }
        open = nil
    }

    private func refusal(_ code: String, _ message: String) -> Problem {
        Problem(.refused, code: code, message, place: Problem.Place(line: line))
    }

    // MARK: - The end

    /// Takes in the last line, without its line feed.
    ///
    /// - Parameter sha256: Of every line before it.
    mutating func close(_ bytes: Span<UInt8>, sha256: String) throws(Problem) {
        line += 1
        guard header != nil, closing == nil else {
            throw refusal("export.surplus", "A last line stands where none belongs.")
        }
        do {
            let found = try closing(sha256: sha256)
            let signed = try ExportClosing(line: bytes, signedBy: verifier)
            try signed.check(found)
            closing = signed
        } catch {
            throw Problem(
                error.kind, code: error.code, error.message, hint: error.hint, place: Problem.Place(line: line))
        }
    }

    /// What there is to sign about the lines that were read.
    ///
    /// - Throws: A `Problem` (refused) unless they are all that the checkpoint covers.
    func closing(sha256: String) throws(Problem) -> ExportClosing {
        guard let header, let checkpoint else { throw ExportFormat.malformed("It is empty.") }
        if let open {
            throw cutShort("entry \(frontier.size - 1) has \(open.rows) rows and \(open.tree.size) are there")
        }
        guard frontier.size == checkpoint.size else {
            throw cutShort("\(checkpoint.size) entries were signed and \(frontier.size) are there")
        }
        guard frontier.root == checkpoint.root else {
            throw Problem(
                .refused, code: "export.root",
                "The \(frontier.size) entries do not lead to the signed root: one was changed, left out or put in.",
                hint: "Ask for another export, and compare the two to find the entry.")
        }
        guard let recorded else {
            throw Problem(
                .refused, code: "export.unrecorded",
                "The ledger has no entry that tells of the export \(header.export) made at \(header.madeAt).",
                hint: "The first line was changed. Ask for another export.")
        }
        return ExportClosing(
            organisation: header.organisation, export: header.export, entry: recorded, entries: frontier.size,
            rows: UInt64(rows), digests: UInt64(residues), sha256: sha256)
    }

    private var rows: Int { tables.lines.reduce(tables.others) { $0 + $1.count } }

    /// Judges the whole, once there is no line left.
    func result() throws(Problem) -> VerifiedExport {
        guard let header, let checkpoint else { throw ExportFormat.malformed("It is empty.") }
        guard closing != nil else {
            // Whatever else is missing is the better reason.
            _ = try closing(sha256: "")
            throw cutShort("its signed last line is missing")
        }
        return VerifiedExport(
            header: header, checkpoint: checkpoint, rows: rows, residues: residues,
            tables: tables.lines.map { .init(name: String(decoding: $0.name, as: UTF8.self), rows: $0.count) },
            actions: actions.lines.map {
                .init(name: String(decoding: $0.name, as: UTF8.self), count: $0.count, first: $0.first, last: $0.last)
            }, uncounted: actions.others + tables.others)
    }

    private func cutShort(_ what: String) -> Problem {
        Problem(
            .refused, code: "export.cut-short", "The export ends too early: \(what).",
            hint: "Copy the whole file, or ask for another export.")
    }
}
