import Foundation
import Kernel
import Testing

@testable import Ledger

/// The signed last line: whoever holds an export and not the ledger's key can take nothing out of it.
@Suite struct ExportClosingTests {
    let sample: ExportSample
    let lines: [[UInt8]]

    init() throws {
        var sample = try ExportSample(seed: 1)
        var generator = Seeded(1)
        for number in 0..<4 {
            var row = ExportSample.row(using: &generator, body: Array("{\"number\":\(number)}".utf8))
            row.isErased = number == 2
            try sample.append("remark.made", on: nil, [row])
            if number == 1 {
                try sample.append(
                    ExportFormat.action, on: ExportFormat.subject(of: Self.earlier), [], at: Self.madeEarlier)
            }
        }
        try sample.append(
            ExportFormat.action, on: ExportFormat.subject(of: ExportSample.export), [], at: ExportSample.madeAt)
        self.sample = sample
        lines = Self.lines(of: try sample.bytes)
    }

    static let earlier = Identifier<ExportFormat>(high: 5, low: 1)
    static let madeEarlier = Instant(milliseconds: 1_800_000_400_000)

    static func lines(of bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
    }

    private func refusal(_ lines: [[UInt8]]) -> Problem? {
        refusalOfExport(lines.flatMap { $0 }, by: sample.signer.verifier)
    }

    @Test func aRowThatWasTakenOutIsMissedThoughItsDigestFits() throws {
        #expect(refusal(lines) == nil)
        for (entry, rows) in sample.rows.enumerated() {
            for (number, row) in rows.enumerated() where !row.isErased {
                let start = Array("{\"entry\":\(entry),\"row\":\(number),".utf8)
                let index = try #require(lines.firstIndex { $0.starts(with: start) })
                var changed = lines
                changed[index] = start + Array("\"digest\":\"\(row.digest.value)\"}\n".utf8)
                let refusal = refusal(changed)
                #expect(refusal?.code == "export.withheld")
                #expect(refusal?.message.contains("3 rows") == true, "\(refusal?.message ?? "")")
                #expect(refusal?.place?.line == lines.count)
            }
        }
    }

    @Test func aRowThatWasErasedCannotBePutBack() throws {
        var changed = sample
        changed.rows[3][0].isErased = false
        let bytes = try changed.header().encoded + changed.body + (lines.last ?? [])
        #expect(refusalOfExport(bytes, by: sample.signer.verifier)?.code == "export.changed")
    }

    @Test func theHeaderCannotNameAnEarlierExport() throws {
        let header = try sample.header(export: Self.earlier, madeAt: Self.madeEarlier).encoded
        #expect(refusal([header] + lines.dropFirst())?.code == "export.changed")
        // Signed so, it would be that one.
        #expect(refusalOfExport(try sample.closed(header + sample.body), by: sample.signer.verifier) == nil)
    }

    @Test func theLastLineOfAnotherExportDoesNotFit() throws {
        let header = try sample.header(export: Self.earlier, madeAt: Self.madeEarlier).encoded
        let other = Self.lines(of: try sample.closed(header + sample.body))
        #expect(refusal(lines.dropLast() + [other[other.count - 1]])?.code == "export.changed")
    }

    @Test func withoutItsLastLineAnExportIsCutShort() throws {
        #expect(refusal(lines.dropLast())?.code == "export.cut-short")
        #expect(refusal(lines + [lines[lines.count - 1]])?.code == "export.surplus")
        #expect(refusal(lines + [Array("{}\n".utf8)])?.code == "export.surplus")
        #expect(refusal([lines[lines.count - 1]])?.kind == .refused)
        #expect(refusal([lines[0], lines[lines.count - 1]])?.code == "export.cut-short")
    }

    @Test func onlyTheLedgersKeyClosesAnExport() throws {
        let sound = try #require(try closing())
        let other = try NoteSigner(name: sample.signer.verifier.name, seed: [UInt8](repeating: 9, count: 32))
        #expect(refusal(lines.dropLast() + [try sound.line(signedBy: other)])?.code == "note.unsigned")
        let witness = try NoteSigner(name: "witness", seed: [UInt8](repeating: 3, count: 32))
        let note = SignedNote(
            text: sound.text,
            signatures: try sample.signer.sign(sound.text).signatures + witness.sign(sound.text).signatures)
        #expect(refusal(lines.dropLast() + [line(note.encoded)])?.code == "note.stranger")
        var forged = try sample.signer.sign(sound.text).encoded
        let digit = try #require(forged.firstRange(of: Array("rows 3".utf8))).upperBound - 1
        forged[digit] = UInt8(ascii: "2")
        #expect(refusal(lines.dropLast() + [line(forged)])?.code == "note.signature")
    }

    @Test func aCheckpointAndAClosingNeverPassForEachOther() throws {
        let sound = try #require(try closing())
        #expect(throws: Problem.self) { try Checkpoint(parsing: sound.text) }
        let checkpoint = try sample.checkpoint.signed(by: sample.signer)
        #expect(refusal(lines.dropLast() + [line(checkpoint.encoded)])?.code == "export.malformed")
    }

    @Test(arguments: [
        ("\\n", "\\u000a"), ("{\"closing\"", "{ \"closing\""), ("\"}\n", "\"} \n"), ("rows 3", "rows 03"),
    ])
    func theLastLineHasOneSpelling(_ one: String, _ other: String) throws {
        let last = String(decoding: lines[lines.count - 1], as: UTF8.self)
        let changed = last.replacingOccurrences(of: one, with: other)
        try #require(changed != last)
        #expect(refusal(lines.dropLast() + [Array(changed.utf8)]) != nil)
    }

    private func closing() throws -> ExportClosing? {
        var verification = ExportVerifier(trusting: sample.signer.verifier)
        try verification.take(lines.dropLast().flatMap { $0 })
        return try verification.closing()
    }

    private func line(_ note: [UInt8]) -> [UInt8] {
        var line = Array("{\"closing\":\"".utf8)
        JSONText.appendEscaped(note.span, to: &line)
        return line + Array("\"}\n".utf8)
    }
}
