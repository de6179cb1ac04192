import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct LedgerTests {
    let folder: Folder

    init() throws {
        folder = try Folder()
        try Samples.install(in: folder)
        // So that there are statements, receipts and signed checkpoints too.
        _ = try Program.run("proof", "disks", "--data", folder["data"])
        _ = try Program.run(
            "exception", "grant", "disks", "--reason", "moving", "--until", soon, "--data", folder["data"])
    }

    private let soon = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format().prefix(10))

    @Test func anUntouchedLedgerVerifies() throws {
        let verified = try Program.run("ledger", "verify", "--data", folder["data"])
        #expect(verified.status == 0)
        #expect(verified.lines.first?.hasPrefix("Desk verifies: ") == true)
        #expect(verified.text.contains("installation verifies: "))
        let results = try #require(
            try Program.run("ledger", "verify", "--data", folder["data"], "--format", "json").json as? [[String: Any]])
        #expect(results.count == 3)
        #expect(results.allSatisfy { ($0["problems"] as? [Any])?.isEmpty == true })
    }

    @Test func theKeyIsTheSameEveryTime() throws {
        let first = try Program.run("ledger", "key", "--data", folder["data"])
        #expect(first.status == 0)
        #expect(first.text.split(separator: "+", maxSplits: 2).count == 3)
        #expect(try Program.run("ledger", "key", "--data", folder["data"]).output == first.output)
    }

    @Test(
        .enabled(if: DatabaseTool.isHere),
        arguments: [
            "UPDATE ledger_entry SET leaf = CAST(substr(leaf, 1, 20) || x'58' || substr(leaf, 22) AS BLOB) WHERE number = 1",
            "UPDATE ledger_entry SET leaf_hash = zeroblob(32) WHERE number = 1",
            "DELETE FROM ledger_entry WHERE number = 2 AND organisation <> zeroblob(16)",
            "UPDATE ledger_head SET frontier = CAST(substr(frontier, 1, length(frontier) - 1) || x'00' AS BLOB)",
            "DELETE FROM ledger_head",
            "UPDATE checkpoint SET note = CAST(substr(note, 1, length(note) - 4) || x'4141410A' AS BLOB)",
            "INSERT INTO ledger_node SELECT organisation, 5, 5, zeroblob(32) FROM ledger_head",
            "UPDATE accepted_exception SET body = CAST(substr(body, 1, 30) || x'00' || substr(body, 32) AS BLOB)",
            "UPDATE accepted_exception SET ends_at = ends_at + 86400000",
            "DELETE FROM accepted_exception",
            "UPDATE policy_version SET superseded_at = 5",
            "UPDATE commitment SET digest = zeroblob(32) WHERE position = 1",
            "UPDATE verdict_statement SET verdict = 'kept'",
            "UPDATE publication SET body = CAST(body || x'00' AS BLOB)",
            "UPDATE roster_entry SET left_at = 7 WHERE kind = 'host'",
            "UPDATE tenant SET created_at = created_at + 1",
            "UPDATE host SET enrolled_at = enrolled_at + 1",
            "UPDATE series SET check_id = 'endpoint.nothing'",
        ])
    func aChangeBehindItsBackIsNamed(statement: String) throws {
        let before = try DatabaseTool.run("SELECT count(*) FROM series", on: folder["data/vouchsafe.sqlite"])
        try DatabaseTool.run(statement, on: folder["data/vouchsafe.sqlite"])
        // A ledger without observations has no series to change.
        guard !(statement.contains("series") && before == "0") else { return }
        let verified = try Program.run("ledger", "verify", "--data", folder["data"])
        #expect(verified.status == 1, "\(verified.text) \(verified.messages)")
        #expect(verified.text.contains("✗ ") || verified.messages.hasPrefix("error: "))
    }

    @Test func aByteChangedInTheFileIsNamedOrTheFileIsRefused() throws {
        try DatabaseTool.settle(folder["data/vouchsafe.sqlite"])
        let bytes = try folder.bytes(of: "data/vouchsafe.sqlite")
        var named = 0
        // A zero is mostly room that nothing uses yet.
        let used = bytes.indices.filter { bytes[$0] != 0 }
        for position in stride(from: 50, to: used.count, by: used.count / 24).map({ used[$0] }) {
            var changed = bytes
            changed[position] ^= 0xFF
            try folder.write(changed, to: "data/vouchsafe.sqlite")
            let verified = try Program.run("ledger", "verify", "--data", folder["data"])
            #expect(verified.isExit && [0, 1, 3].contains(verified.status), "byte \(position): \(verified.messages)")
            if verified.status != 0 { named += 1 }
        }
        // Some bytes of a database file are left over from what was there before, and mean nothing.
        #expect(named > 12)
        try folder.write(bytes, to: "data/vouchsafe.sqlite")
        #expect(try Program.run("ledger", "verify", "--data", folder["data"]).status == 0)
    }

    @Test func withoutItsOwnKeyNothingIsReadAndNothingTouched() throws {
        let other = try Folder()
        try Samples.install(in: other)
        try DatabaseTool.settle(folder["data/vouchsafe.sqlite"])
        let database = try folder.bytes(of: "data/vouchsafe.sqlite")
        let own = try folder.bytes(of: "data/key")
        let cases: [(key: [UInt8]?, status: Int32, message: String)] = [
            (nil, 3, "There is no key file."), (try other.bytes(of: "data/key"), 1, "key"),
            (Array("garbage".utf8), 1, "key"),
            ([], 1, "key"),
        ]
        for wrong in cases {
            try FileManager.default.removeItem(atPath: folder["data/key"])
            if let key = wrong.key {
                try folder.write(key, to: "data/key")
                chmod(folder["data/key"], 0o400)
            }
            for command in [["ledger", "verify"], ["status"], ["proof", "disks"]] {
                let refused = try Program.run(command + ["--data", folder["data"]])
                #expect(refused.status == wrong.status, "\(command): \(refused.messages)")
                #expect(refused.messages.contains(wrong.message))
            }
            #expect(try folder.bytes(of: "data/vouchsafe.sqlite") == database)
            if wrong.key == nil { try folder.write([], to: "data/key") }
        }
        try? FileManager.default.removeItem(atPath: folder["data/key"])
        try folder.write(own, to: "data/key")
        chmod(folder["data/key"], 0o444)
        let open = try Program.run("status", "--data", folder["data"])
        #expect(open.status == 1)
        #expect(open.messages.contains("chmod 0400"))
        chmod(folder["data/key"], 0o400)
        #expect(try Program.run("ledger", "verify", "--data", folder["data"]).status == 0)
    }
}

/// The `sqlite3` command, as whoever changes a database behind Vouchsafe's back would use it.
enum DatabaseTool {
    private static let path = ["/usr/bin/sqlite3", "/usr/local/bin/sqlite3", "/opt/homebrew/bin/sqlite3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isHere: Bool { path != nil }

    @discardableResult
    static func run(_ statement: String, on database: String) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(path))
        process.arguments = [database, statement]
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Moves everything from the write-ahead log into the database file itself.
    static func settle(_ database: String) throws {
        if isHere { try run("PRAGMA wal_checkpoint(TRUNCATE)", on: database) }
    }
}
