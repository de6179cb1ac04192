import Kernel

@testable import Ledger

/// A ledger with rows in memory, exported.
struct ExportSample {
    /// One row as it was written, and whether it is still there.
    struct Row {
        var header: RowHeader
        var salt: [UInt8]
        var body: [UInt8]
        var isErased = false

        var digest: RowDigest { RowDigest(salt: salt, header: header, body: body) }
    }

    static let organisation = Identifier<LedgerOwner>(high: 1, low: 1)
    static let export = Identifier<ExportFormat>(high: 5, low: 6)
    static let madeAt = Instant(milliseconds: 1_800_000_500_000)

    let signer: NoteSigner
    var entries: [LedgerEntry] = []
    var rows: [[Row]] = []
    /// What is signed; the entries as they are unless it is set.
    var signed: Checkpoint?

    init(seed: UInt64 = 1) throws {
        var generator = Seeded(seed)
        signer = try NoteSigner(
            name: "vouchsafe/\(Self.organisation)",
            seed: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// `count` entries with up to three rows each, and behind them the one that tells of the export.
    static func make(_ count: Int, seed: UInt64 = 1) throws -> ExportSample {
        var sample = try ExportSample(seed: seed)
        var generator = Seeded(seed)
        for number in 0..<count {
            let rows = (0..<Int.random(in: 0...3, using: &generator)).map { _ in row(using: &generator) }
            try sample.append(
                "remark.\(["made", "changed", "erased"].randomElement(using: &generator) ?? "made")",
                on: Bool.random(using: &generator) ? "remark:\(number)" : nil, rows)
        }
        try sample.append(ExportFormat.action, on: ExportFormat.subject(of: export), [], at: madeAt)
        return sample
    }

    mutating func append(
        _ action: String, on subject: String?, _ rows: [Row], at time: Instant? = nil,
        by organisation: Identifier<LedgerOwner> = organisation
    ) throws {
        entries.append(
            try LedgerEntry(
                organisation: organisation,
                at: time ?? Instant(milliseconds: 1_800_000_000_000 + 1000 * Int64(entries.count)), actor: "job:test",
                action: action, subject: subject, rows: UInt64(rows.count),
                content: ContentTree(rows.map(\.digest)).root))
        self.rows.append(rows)
    }

    static func row(using generator: inout Seeded, body: [UInt8]? = nil) -> Row {
        func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
        var header = RowHeader(
            table: Bool.random(using: &generator) ? "remark" : "poster", id: bytes(16).hex,
            version: Int64.random(in: 1...1000, using: &generator))
        if Bool.random(using: &generator) {
            header.append("rank", .integer(-3))
            header.append("state", .text("half \"open\" \\ é"))
            header.append("token", .blob(bytes(4)))
            header.append("closed_at", .null)
        }
        let bodies = [
            #"{"id":1,"text":"Grüße, \"世界\"","list":[1.5e-3,{},[],true,null]}"#, "a text\nof two lines\u{1}", "",
            "{\"spaced\": 1}",
        ].map { Array($0.utf8) }
        var row = Row(
            header: header, salt: bytes(32),
            body: body ?? (bodies + [[0xFF, 0], bytes(7)]).randomElement(using: &generator) ?? [])
        row.isErased = Int.random(in: 0..<4, using: &generator) == 0
        return row
    }

    var checkpoint: Checkpoint {
        get throws {
            if let signed { return signed }
            var frontier = MerkleFrontier()
            for entry in entries { frontier.append(entry.leafHash) }
            return try Checkpoint(origin: signer.verifier.name, size: frontier.size, root: frontier.root)
        }
    }

    func header(export: Identifier<ExportFormat> = export, madeAt: Instant = madeAt) throws -> ExportHeader {
        ExportHeader(
            organisation: Self.organisation, export: export, madeAt: madeAt, verifier: signer.verifier,
            note: try checkpoint.signed(by: signer))
    }

    var bytes: [UInt8] {
        get throws { try closed(header().encoded + body) }
    }

    /// `lines` with the last one behind them, signed as if they had been made so.
    func closed(_ lines: [UInt8], by signer: NoteSigner? = nil) throws -> [UInt8] {
        let signer = signer ?? self.signer
        var verification = ExportVerifier(trusting: signer.verifier)
        try verification.take(lines)
        return lines + (try verification.closing().line(signedBy: signer))
    }

    var body: [UInt8] {
        get throws {
            var lines = ExportLines()
            for (entry, rows) in zip(entries, rows) {
                lines.append(entry)
                for row in rows {
                    if row.isErased {
                        lines.append(row.digest)
                    } else {
                        try lines.append(row.header, salt: row.salt, body: row.body)
                    }
                }
            }
            return lines.take()
        }
    }
}

/// Verifies `bytes`, handed over in pieces of `size`.
func verifyExport(
    _ bytes: [UInt8], by verifier: NoteVerifier, inPiecesOf size: Int = .max
) throws(Problem) -> VerifiedExport {
    var verification = ExportVerifier(trusting: verifier)
    var rest = bytes[...]
    while !rest.isEmpty {
        try verification.take(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
    }
    return try verification.finish()
}

/// The problem that verifying `bytes` meets, if any.
func refusalOfExport(_ bytes: [UInt8], by verifier: NoteVerifier) -> Problem? {
    do {
        _ = try verifyExport(bytes, by: verifier)
        return nil
    } catch {
        return error
    }
}
