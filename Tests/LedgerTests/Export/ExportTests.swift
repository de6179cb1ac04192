import Foundation
import Kernel
import Testing

@testable import Ledger

@Suite struct ExportTests {
    @Test(arguments: 0..<60) func whatIsWrittenVerifiesInPiecesOfAnySize(_ seed: UInt64) throws {
        var generator = Seeded(seed &+ 900)
        let sample = try ExportSample.make(Int.random(in: 0...40, using: &generator), seed: seed)
        let bytes = try sample.bytes
        let piece = [1, 7, 64, 4096, Int.max].randomElement(using: &generator) ?? 1
        let verified = try verifyExport(bytes, by: sample.signer.verifier, inPiecesOf: piece)
        let rows = sample.rows.flatMap { $0 }
        #expect(verified.entries == UInt64(sample.entries.count))
        #expect(verified.rows == rows.filter { !$0.isErased }.count)
        #expect(verified.residues == rows.filter(\.isErased).count)
        #expect(verified.header == (try sample.header()))
        #expect(verified.checkpoint == (try sample.checkpoint))
        #expect(verified.uncounted == 0)
        for table in ["remark", "poster"] {
            let expected = rows.filter { !$0.isErased && $0.header.table == table }.count
            #expect((verified.tables.first { $0.name == table }?.rows ?? 0) == expected)
        }
        for action in Set(sample.entries.map(\.action)) {
            let entries = sample.entries.filter { $0.action == action }
            let counted = try #require(verified.actions.first { $0.name == action })
            #expect(counted.count == entries.count)
            #expect(counted.first == entries.map(\.at).min())
            #expect(counted.last == entries.map(\.at).max())
        }
        #expect(verified.last == ExportSample.madeAt)
    }

    @Test func everyLineIsJSONAndSaysWhatTheRowSaid() throws {
        let sample = try ExportSample.make(40, seed: 3)
        let lines = try sample.bytes.split(separator: UInt8(ascii: "\n"))
        let objects = try lines.map { try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]) }
        let stored = sample.rows.enumerated().flatMap { entry, rows in
            rows.enumerated().map { (entry: entry, number: $0, row: $1) }
        }
        let written = objects.filter { $0["row"] != nil }
        #expect(written.count == stored.count)
        #expect(objects.count == 2 + sample.entries.count + stored.count)
        for (object, expected) in zip(written, stored) {
            #expect(object["entry"] as? Int == expected.entry)
            #expect(object["row"] as? Int == expected.number)
            if expected.row.isErased {
                #expect(object["digest"] as? String == expected.row.digest.value.description)
                #expect(object.count == 3)
                continue
            }
            let parts = [
                object["table"] as? String, object["id"] as? String, (object["version"] as? Int).map(String.init),
                object["columns"] as? String,
            ]
            #expect(parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ") == expected.row.header.text)
            #expect((object["salt"] as? String).flatMap { [UInt8](canonicalBase64: $0) } == expected.row.salt)
            if let text = object["text"] as? String {
                #expect(Array(text.utf8) == expected.row.body)
            } else if let base64 = object["base64"] as? String {
                #expect([UInt8](canonicalBase64: base64) == expected.row.body)
            } else {
                let body = try #require(object["body"] as? NSDictionary)
                #expect(body == (try JSONSerialization.jsonObject(with: Data(expected.row.body)) as? NSDictionary))
            }
        }
    }

    @Test func everyChangedByteIsRefusedWithAReason() throws {
        let sample = try ExportSample.make(3, seed: 4)
        let bytes = try sample.bytes
        #expect(bytes.count > 1500)
        var generator = Seeded(8)
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            let refusal = refusalOfExport(changed, by: sample.signer.verifier)
            #expect(refusal?.kind == .refused || refusal?.code == "note.key", "byte \(position)")
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let sample = try ExportSample.make(3, seed: 4)
        let bytes = try sample.bytes
        for count in bytes.indices {
            #expect(refusalOfExport(Array(bytes[..<count]), by: sample.signer.verifier) != nil, "\(count) bytes")
        }
    }

    @Test func everyMissingDoubledOrMovedLineIsRefused() throws {
        let sample = try ExportSample.make(12, seed: 5)
        let lines = try sample.bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) + [0x0A] }
        func isRefused(_ lines: [[UInt8]]) -> Bool {
            refusalOfExport(lines.flatMap { $0 }, by: sample.signer.verifier) != nil
        }
        #expect(!isRefused(lines))
        for index in lines.indices {
            var changed = lines
            changed.remove(at: index)
            #expect(isRefused(changed), "without line \(index + 1)")
            changed = lines
            changed.insert(lines[index], at: index)
            #expect(isRefused(changed), "line \(index + 1) twice")
            guard index > 0 else { continue }
            changed = lines
            changed.swapAt(index, index - 1)
            #expect(isRefused(changed), "line \(index + 1) moved")
        }
    }

    @Test func anotherKeyIsRefusedEvenOneOfTheSameName() throws {
        let sample = try ExportSample.make(3)
        let other = try NoteSigner(name: sample.signer.verifier.name, seed: [UInt8](repeating: 9, count: 32))
        #expect(refusalOfExport(try sample.bytes, by: other.verifier)?.code == "export.key")
        // The forger's own key in the file does not help: the reader brings the right one.
        let forged = ExportHeader(
            organisation: ExportSample.organisation, export: ExportSample.export, madeAt: ExportSample.madeAt,
            verifier: other.verifier, note: try sample.checkpoint.signed(by: other))
        #expect(refusalOfExport(forged.encoded + (try sample.body), by: sample.signer.verifier)?.code == "export.key")
        #expect(refusalOfExport(try sample.closed(forged.encoded + sample.body, by: other), by: other.verifier) == nil)
    }

    @Test func anEntryOfAnotherOrganisationIsRefused() throws {
        var sample = try ExportSample.make(4)
        try sample.append("remark.made", on: nil, [], by: Identifier(high: 1, low: 2))
        // The signature covers it, but an export of this organisation cannot say it.
        let bytes = try sample.header().encoded + sample.body
        #expect(refusalOfExport(bytes, by: sample.signer.verifier)?.code == "export.root")
    }

    @Test func aSignatureOfSomeoneElseIsNotTakenAlong() throws {
        let sample = try ExportSample.make(2)
        let witness = try NoteSigner(name: "witness", seed: [UInt8](repeating: 3, count: 32))
        let text = try sample.checkpoint.text
        let note = SignedNote(
            text: text, signatures: try witness.sign(text).signatures + sample.signer.sign(text).signatures)
        let header = ExportHeader(
            organisation: ExportSample.organisation, export: ExportSample.export, madeAt: ExportSample.madeAt,
            verifier: sample.signer.verifier, note: note)
        #expect(header.encoded == (try sample.header().encoded))
    }

    @Test func anExportThatTheLedgerDoesNotTellOfIsRefused() throws {
        let sample = try ExportSample.make(3)
        for header in [
            try sample.header(export: Identifier(high: 5, low: 7)),
            try sample.header(madeAt: ExportSample.madeAt + .minutes(1)),
        ] {
            let refusal = refusalOfExport(header.encoded + (try sample.body), by: sample.signer.verifier)
            #expect(refusal?.code == "export.unrecorded")
            let line = try sample.bytes.dropFirst(try sample.header().encoded.count)
            #expect(refusalOfExport(header.encoded + line, by: sample.signer.verifier)?.code == "export.unrecorded")
        }
    }

    @Test func aNewerFormatIsNamed() throws {
        let sample = try ExportSample.make(1)
        let text = String(decoding: try sample.bytes, as: UTF8.self).replacingOccurrences(
            of: "export@v1", with: "export@v2")
        let refusal = refusalOfExport(Array(text.utf8), by: sample.signer.verifier)
        #expect(refusal?.code == "export.version")
        #expect(ExportFormat.begins(Array(text.utf8)))
        #expect(!ExportFormat.begins(Array("vouchsafe/proof@v1\n".utf8)))
    }

    @Test func theProblemNamesTheEntryAndTheLine() throws {
        var sample = try ExportSample(seed: 2)
        var generator = Seeded(1)
        for number in 0..<5 {
            var row = ExportSample.row(using: &generator, body: Array("{\"number\":\(number)}".utf8))
            row.isErased = false
            try sample.append("remark.made", on: nil, [row])
        }
        try sample.append(
            ExportFormat.action, on: ExportFormat.subject(of: ExportSample.export), [], at: ExportSample.madeAt)
        let text = String(decoding: try sample.bytes, as: UTF8.self)
        let changed = text.replacingOccurrences(of: "\"number\":3", with: "\"number\":4")
        let refusal = refusalOfExport(Array(changed.utf8), by: sample.signer.verifier)
        #expect(refusal?.code == "export.content")
        #expect(refusal?.message.contains("entry 3") == true)
        #expect(refusal?.place?.line == 9)
        let cut = text.components(separatedBy: "{\"entry\":4,\"row\"").first ?? ""
        #expect(refusalOfExport(Array(cut.utf8), by: sample.signer.verifier)?.message.contains("entry 4") == true)
    }

    @Test func aFailureStays() throws {
        let sample = try ExportSample.make(3)
        var verification = ExportVerifier(trusting: sample.signer.verifier)
        #expect(throws: Problem.self) { try verification.take(Array("nonsense\n".utf8)) }
        #expect(throws: Problem.self) { try verification.take(sample.bytes) }
        #expect(throws: Problem.self) { try verification.finish() }
    }

    @Test func aLineWithoutEndIsRefusedBeforeItFillsTheMemory() throws {
        let sample = try ExportSample.make(1)
        var verification = ExportVerifier(trusting: sample.signer.verifier)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(throws: Problem.self) {
            for _ in 0...(ExportFormat.lineLimit >> 20) { try verification.take(piece) }
        }
    }

    @Test func namesThatAreTooManyAreCountedWithoutBeingKept() throws {
        var sample = try ExportSample(seed: 2)
        for number in 0..<(ExportTally.nameLimit + 20) { try sample.append("a.b\(number)", on: nil, []) }
        try sample.append(
            ExportFormat.action, on: ExportFormat.subject(of: ExportSample.export), [], at: ExportSample.madeAt)
        let verified = try verifyExport(try sample.bytes, by: sample.signer.verifier)
        #expect(verified.actions.count == ExportTally.nameLimit)
        #expect(verified.uncounted == 21)
    }
}
