import Foundation
import Testing

@testable import Ledger

@Suite(.enabled(if: Program.isBuilt))
struct ExportTests {
    let folder: Folder
    let key: String

    init() throws {
        folder = try Folder()
        try Samples.install(in: folder)
        key = try #require(try Program.run("ledger", "key", "--data", folder["data"]).lines.first)
        let exported = try Program.run("export", "--for", "auditor", "--to", folder["record"], "--data", folder["data"])
        try #require(exported.status == 0, "\(exported.messages)")
    }

    @Test func anExportVerifiesWithNothingButTheFileAndTheKey() throws {
        let bare = try Folder()
        let bytes = try folder.bytes(of: "record")
        try bare.write(bytes, to: "record")
        let verified = try Program.run(["verify", "record", "--key", key], environment: [:], in: bare)
        #expect(verified.status == 0, "\(verified.messages)")
        #expect(verified.lines.first == "The export is authentic and whole.")
        #expect(verified.text.contains("policy.imported"))
        #expect(verified.text.contains("record.exported"))
        let piped = try Program.run("verify", "-", "--key", key, input: String(decoding: bytes, as: UTF8.self))
        #expect(piped.status == 0)
        #expect(piped.output == verified.output)
    }

    @Test func everyLineIsJSONAndTheFileIsItsOwnersAlone() throws {
        let text = String(decoding: try folder.bytes(of: "record"), as: UTF8.self)
        for line in text.split(separator: "\n") {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
        #expect(text.contains("Disks are encrypted."), "it is plaintext")
        let mode = try FileManager.default.attributesOfItem(atPath: folder["record"])[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(!(try folder.files(below: ".").contains { $0.name.hasSuffix(".partial") }))
    }

    @Test func standardOutputHoldsTheExportAndNothingElse() throws {
        let exported = try Program.run("export", "--for", "auditor", "--to", "-", "--data", folder["data"])
        #expect(exported.status == 0)
        let verified = try Program.run("verify", "-", "--key", key, input: exported.text)
        #expect(verified.status == 0, "\(verified.messages)")
    }

    @Test func aChangedOrShortenedExportIsRefusedWithAReason() throws {
        let bytes = try folder.bytes(of: "record")
        for position in stride(from: 40, to: bytes.count, by: max(1, bytes.count / 12)) {
            var changed = bytes
            changed[position] ^= 1
            try folder.write(changed, to: "changed")
            let verified = try Program.run("verify", "changed", "--key", key, in: folder)
            #expect(verified.status == 1, "byte \(position)")
            #expect(verified.output.isEmpty)
            #expect(verified.messages.hasPrefix("error: changed"), "byte \(position): \(verified.messages)")
        }
        try folder.write(Array(bytes.dropLast(30)), to: "changed")
        #expect(try Program.run("verify", "changed", "--key", key, in: folder).status == 1)
    }

    @Test func aRowThatTheHolderTookOutIsMissed() throws {
        let text = String(decoding: try folder.bytes(of: "record"), as: UTF8.self)
        var lines = text.split(separator: "\n").map(String.init)
        let index = try #require(lines.firstIndex { $0.contains(",\"body\":{") })
        let row = try #require(try JSONSerialization.jsonObject(with: Data(lines[index].utf8)) as? [String: Any])
        let parts = [row["table"], row["id"], row["version"], row["columns"]].compactMap { $0.map { "\($0)" } }
        let header = parts.filter { !$0.isEmpty }.joined(separator: " ")
        let start = try #require(lines[index].firstRange(of: ",\"body\":")).upperBound
        let spelt = try #require(row["salt"] as? String)
        let salt = [UInt8](try #require(Data(base64Encoded: spelt)))
        let body = Array(lines[index][start...].utf8.dropLast())
        let digest = RowDigest(salt: salt.span, header: Array(header.utf8).span, body: body.span).value
        lines[index] = "{\"entry\":\(row["entry"] ?? ""),\"row\":\(row["row"] ?? ""),\"digest\":\"\(digest)\"}"
        try folder.write(lines.joined(separator: "\n") + "\n", to: "changed")
        let verified = try Program.run("verify", "changed", "--key", key, in: folder)
        #expect(verified.status == 1)
        #expect(verified.messages.contains("Rows were taken out after the export was made"), "\(verified.messages)")
    }

    @Test func theJSONFormNamesEverything() throws {
        let verified = try Program.run("verify", folder["record"], "--key", key, "--format", "json")
        let result = try #require(verified.json as? [String: Any])
        #expect(result["key"] as? String == key)
        let actions = try #require(result["actions"] as? [[String: Any]])
        #expect(actions.compactMap { $0["count"] as? Int }.reduce(0, +) == result["entries"] as? Int)
    }

    @Test func whatCannotBeDoneIsToldApart() throws {
        let other = try Folder()
        try Samples.install(in: other)
        let otherKey = try #require(try Program.run("ledger", "key", "--data", other["data"]).lines.first)
        #expect(try Program.run("verify", folder["record"], "--key", otherKey).status == 1)
        #expect(try Program.run("verify", folder["record"], "--key", key, "--require-kept").status == 2)
        #expect(try Program.run("export", "--for", "anyone", "--to", "-", "--data", folder["data"]).status == 2)
        let unwritable = try Program.run(
            "export", "--for", "auditor", "--to", folder["none/record"], "--data", folder["data"])
        #expect(unwritable.status == 3)
        #expect(unwritable.messages.contains("none/record: The file cannot be written"))
    }
}
