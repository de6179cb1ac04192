import Benchmark
import Crypto
import Kernel
import Ledger

/// An export of a million entries with a row each, in memory: most of a gigabyte.
private struct LongExport: Sendable {
    static let size = 1_000_000
    static let madeAt = Instant(milliseconds: 1_800_000_000_000)
    static let export = Identifier<ExportFormat>(high: 5, low: 6)

    let organisation = Identifier<LedgerOwner>(high: 1, low: 2)
    let signer: NoteSigner
    let header: ExportHeader
    /// The header, then a thousand entries each, which differ by their numbers only, and the signed end.
    let pieces: [[UInt8]]

    init() throws {
        signer = try NoteSigner(name: "vouchsafe/\(organisation)", seed: [UInt8](repeating: 5, count: 32))
        var row = RowHeader(table: "observation", id: String(repeating: "0192f0c1", count: 4), version: 1)
        row.append("check_id", .text("endpoint.disk-encryption"))
        row.append("subject", .text("host:0192f0c1-2b7a-7e11-9d3e-0123456789ab"))
        row.append("observed_at", .integer(1_800_000_000_000))
        let salt = [UInt8](repeating: 7, count: RowDigest.saltSize)
        let fields = (0..<10).map { "\"field\($0)\":\"a value of some thirty letters \"" }
        let body = Array("{\(fields.joined(separator: ","))}".utf8)
        let content = ContentTree([RowDigest(salt: salt, header: row, body: body)]).root
        let entry = try LedgerEntry(
            organisation: organisation, at: Self.madeAt, actor: "job:checks", action: "host.reported",
            subject: "host:0192f0c1-2b7a-7e11-9d3e-0123456789ab", rows: 1, content: content)
        let last = try LedgerEntry(
            organisation: organisation, at: Self.madeAt, actor: "operator", action: ExportFormat.action,
            subject: ExportFormat.subject(of: Self.export), rows: 0, content: .emptyRoot)
        var frontier = MerkleFrontier()
        let leaf = entry.leafHash
        for _ in 1..<Self.size { frontier.append(leaf) }
        frontier.append(last.leafHash)
        let note = try Checkpoint(origin: signer.verifier.name, size: frontier.size, root: frontier.root)
            .signed(by: signer)
        header = ExportHeader(
            organisation: organisation, export: Self.export, madeAt: Self.madeAt, verifier: signer.verifier, note: note)
        var pieces = [header.encoded]
        var lines = ExportLines()
        for number in 1..<Self.size {
            lines.append(entry)
            try lines.append(row, salt: salt, body: body)
            if number.isMultiple(of: 1000) { pieces.append(lines.take()) }
        }
        lines.append(last)
        pieces.append(lines.take())
        var verification = ExportVerifier(trusting: signer.verifier)
        for piece in pieces { try verification.take(piece) }
        pieces.append(try verification.closing().line(signedBy: signer))
        self.pieces = pieces
    }
}

func exportBenchmarks() {
    guard let export = try? LongExport() else { return }

    Benchmark("1,000,000 exported entries with a row each, verified") { benchmark in
        for _ in benchmark.scaledIterations {
            var verification = ExportVerifier(trusting: export.signer.verifier)
            for piece in export.pieces { try verification.take(piece) }
            blackHole(try verification.finish())
        }
    }
    Benchmark("Floor: bare SHA-256 over the bytes of that export") { benchmark in
        for _ in benchmark.scaledIterations {
            var hasher = SHA256()
            for piece in export.pieces { hasher.update(data: piece) }
            blackHole(hasher.finalize())
        }
    }
}
