import Foundation
import Testing

/// Debian's `age`, as whoever keeps backups would use it.
private enum AgeTool {
    static let isHere = ["/usr/bin/age", "/usr/bin/age-keygen"].allSatisfy(FileManager.default.isExecutableFile)
}

@Suite(.enabled(if: Program.isBuilt && AgeTool.isHere))
struct BackupTests {
    let folder: Folder
    let recipient: String

    init() throws {
        folder = try Folder()
        try Samples.install(in: folder)
        _ = try Program.shell("age-keygen -o identity 2>/dev/null", in: folder)
        let identity = String(decoding: try folder.bytes(of: "identity"), as: UTF8.self)
        recipient = try #require(
            identity.split(separator: "\n").first { $0.contains("age1") }?.split(separator: " ").last
        )
        .description
    }

    private func backUp(_ name: String = "one.age", _ more: String...) throws -> Program.Outcome {
        try Program.run(
            ["backup", "--data", folder["data"], "--to", folder[name], "--recipient", recipient] + more)
    }

    private func verify(_ data: String) throws -> [[String: Any]] {
        let verified = try Program.run("ledger", "verify", "--data", folder[data], "--format", "json")
        #expect(verified.status == 0, "\(verified.text) \(verified.messages)")
        return try #require(verified.json as? [[String: Any]])
    }

    @Test(arguments: [[], ["--armour"]])
    func aBackupOpensWithAgeAndRestoresElsewhere(_ form: [String]) throws {
        let proof = try Program.run("proof", "disks", "--data", folder["data"])
        let key = try Program.run("ledger", "key", "--data", folder["data"]).lines[0]
        let made = try Program.run(
            ["backup", "--data", folder["data"], "--to", folder["one.age"], "--recipient", recipient] + form)
        #expect(made.status == 0, "\(made.messages)")
        #expect(made.text.contains("SHA-256 "))
        let opened = try Program.shell("age -d -i identity one.age | head -c 18", in: folder)
        #expect(opened.text == "vouchsafe/dump@v1\n")
        let hash = try Program.shell("sha256sum < one.age", in: folder).text.prefix(64)
        #expect(made.text.contains("SHA-256 \(hash)"))

        let restored = try Program.run(
            "restore", folder["one.age"], "--identity", folder["identity"], "--data", folder["other"])
        #expect(restored.status == 0, "\(restored.messages)")
        let (before, after) = (try verify("data"), try verify("other"))
        // The record of the backup came after it, in the installation's own ledger.
        #expect(before[0]["root"] as? String == after[0]["root"] as? String)
        #expect(before[0]["rows"] as? Int == after[0]["rows"] as? Int)
        #expect(try folder.bytes(of: "data/key") != folder.bytes(of: "other/key"))
        #expect(try Program.run("ledger", "key", "--data", folder["other"]).lines[0] == key)
        #expect(try Program.run("proof", "disks", "--data", folder["other"]).output == proof.output)
        try folder.write(proof.output, to: "proof")
        #expect(try Program.run("verify", folder["proof"], "--key", key).isExit)
        let status = try Program.run("status", "--data", folder["other"], "--format", "json").json as? [String: Any]
        let commitments = status?["commitments"] as? [[String: Any]]
        #expect(commitments?.contains { $0["summary"] as? String == "Disks are encrypted." } == true)
    }

    @Test func nothingIsRestoredOverAnInstallationOrWithAStrangersIdentity() throws {
        #expect(try backUp().status == 0)
        let before = try folder.bytes(of: "data/key")
        let over = try Program.run(
            "restore", folder["one.age"], "--identity", folder["identity"], "--data", folder["data"])
        #expect(over.status == 1)
        #expect(over.messages.contains("There is an installation in this folder already"))
        #expect(try folder.bytes(of: "data/key") == before)
        _ = try Program.shell("age-keygen -o stranger 2>/dev/null", in: folder)
        let stranger = try Program.run(
            "restore", folder["one.age"], "--identity", folder["stranger"], "--data", folder["other"])
        #expect(stranger.status == 1)
        #expect(!folder.exists("other/vouchsafe.sqlite"))
        #expect(!folder.exists("other/key"))
        var bytes = try folder.bytes(of: "one.age")
        bytes[bytes.count - 30_000 > 0 ? bytes.count - 30_000 : bytes.count - 20] ^= 1
        try folder.write(bytes, to: "bent.age")
        let bent = try Program.run(
            "restore", folder["bent.age"], "--identity", folder["identity"], "--data", folder["other"])
        #expect(bent.status == 1)
        #expect(!folder.exists("other/vouchsafe.sqlite"))
    }

    @Test func whatIsRestoredIsTheFileThatWasMeant() throws {
        let made = try backUp()
        #expect(made.status == 0)
        let sha256 = String(
            try #require(made.text.firstRange(of: "SHA-256 ").map { made.text[$0.upperBound...] }).prefix(64))
        let key = try Program.run("backup", "verifier-key", folder["verifier"], "--name", "cellar").lines[0]
        let receipt = try Program.run(
            "backup", "verify", folder["one.age"], "--identity", folder["identity"], "--signing-key",
            folder["verifier"])
        try folder.write(receipt.output, to: "receipt")
        // Recipients are public: this one was sealed by somebody else, from an installation of their own.
        let forger = try Folder()
        try Samples.install(in: forger)
        let forged = try Program.run(
            "backup", "--data", forger["data"], "--to", folder["forged.age"], "--recipient", recipient)
        #expect(forged.status == 0)
        func restore(_ name: String, _ more: [String], to data: String) throws -> Program.Outcome {
            try Program.run(
                ["restore", folder[name], "--identity", folder["identity"], "--data", folder[data]] + more)
        }
        let byReceipt = ["--receipt", folder["receipt"], "--trust", key]
        for (number, claim) in [["--sha256", sha256], ["--sha256", sha256.uppercased()], byReceipt].enumerated() {
            let refused = try restore("forged.age", claim, to: "other")
            #expect(refused.status == 1)
            #expect(refused.messages.contains("The file is another one than was named"))
            #expect(!folder.exists("other/vouchsafe.sqlite"))
            let restored = try restore("one.age", claim, to: "restored\(number)")
            #expect(restored.status == 0, "\(restored.messages)")
            #expect(restored.text.contains("SHA-256 \(sha256)"))
            #expect(!restored.text.contains("forged"))
        }
        let ledgerKey = try Program.run("ledger", "key", "--data", folder["data"]).lines[0]
        let unnamed = try restore("one.age", [], to: "other")
        #expect(unnamed.text.contains("key \(ledgerKey)"))
        #expect(unnamed.text.contains("Nothing was named that tells this backup from a forged one"))
        let stranger = try Program.run("backup", "verifier-key", folder["stranger"], "--name", "cellar").lines[0]
        let untrusted = try restore("one.age", ["--receipt", folder["receipt"], "--trust", stranger], to: "more")
        #expect(untrusted.status == 1)
        #expect(!folder.exists("more/vouchsafe.sqlite"))
        #expect(try restore("one.age", ["--receipt", folder["receipt"]], to: "more").status == 2)
        #expect(try restore("one.age", ["--sha256", "abc"], to: "more").status == 2)
    }

    @Test(.enabled(if: DatabaseTool.isHere)) func whatAKilledRestoreLeftIsCalledThat() throws {
        #expect(try backUp().status == 0)
        let restore = ["restore", folder["one.age"], "--identity", folder["identity"], "--data", folder["other"]]
        #expect(try Program.run(restore).status == 0)
        let mark = "INSERT INTO transfer (organisation, state, detail, since) VALUES (zeroblob(16), 'restoring', '', 0)"
        try DatabaseTool.run(mark, on: folder["other/vouchsafe.sqlite"])
        let again = try Program.run(restore)
        #expect(again.status == 1)
        #expect(again.messages.contains("An earlier restore into this folder was not finished"))
        let cleared = try Program.shell("rm other/vouchsafe.sqlite*", in: folder)
        #expect(cleared.status == 0)
        #expect(try Program.run(restore).status == 0)
    }

    @Test func aTrialRestoreThatIsStoppedLeavesNothing() throws {
        #expect(try backUp().status == 0)
        // Opening the pipe waits until it is read from, by when the scratch database is there.
        let stopped = try Program.shell(
            """
            mkfifo pipe; mkdir tmp
            TMPDIR=$PWD/tmp "$V" backup verify pipe --identity identity & id=$!
            exec 3>pipe; ls tmp | wc -l; kill -TERM $id; exec 3>&-; wait $id && echo well; ls tmp | wc -l
            """, in: folder)
        #expect(stopped.lines.map { $0.filter(\.isNumber) } == ["1", "0", ""], "\(stopped.text) \(stopped.messages)")
    }

    @Test func whatAKilledTrialRestoreLeftIsRemovedByTheNextAndALiveOneIsNot() throws {
        #expect(try backUp().status == 0)
        let swept = try Program.shell(
            """
            mkdir -p tmp/vouchsafe-scratch-dead tmp/vouchsafe-scratch-live tmp/other
            for name in dead live; do touch tmp/vouchsafe-scratch-$name/lock tmp/vouchsafe-scratch-$name/data; done
            TMPDIR=$PWD/tmp flock tmp/vouchsafe-scratch-live/lock "$V" backup verify one.age --identity identity
            ls tmp
            """, in: folder)
        #expect(swept.status == 0, "\(swept.messages)")
        #expect(swept.lines.suffix(3) == ["other", "vouchsafe-scratch-live", ""], "\(swept.text)")
    }

    @Test func aReceiptFromElsewhereIsRecordedAndATamperedOneIsNot() throws {
        #expect(try backUp().status == 0)
        let key = try Program.run("backup", "verifier-key", folder["verifier"], "--name", "cellar")
        #expect(key.status == 0, "\(key.messages)")
        let again = try Program.run("backup", "verifier-key", folder["verifier"])
        #expect(again.output == key.output)
        let verified = try Program.run(
            "backup", "verify", folder["one.age"], "--identity", folder["identity"], "--signing-key",
            folder["verifier"])
        #expect(verified.status == 0, "\(verified.messages)")
        #expect(verified.messages.contains("restores and verifies"))
        try folder.write(verified.output, to: "receipt")
        let unknown = try Program.run("backup", "record", folder["receipt"], "--data", folder["data"])
        #expect(unknown.status == 1)
        let trusted = try Program.run("backup", "trust", key.lines[0], "--data", folder["data"])
        #expect(trusted.status == 0, "\(trusted.messages)")
        try folder.write(verified.text.replacingOccurrences(of: "rows ", with: "rows 1"), to: "forged")
        let forged = try Program.run("backup", "record", folder["forged"], "--data", folder["data"])
        #expect(forged.status == 1)
        let recorded = try Program.run("backup", "record", folder["receipt"], "--data", folder["data"])
        #expect(recorded.status == 0, "\(recorded.messages)")
        let list =
            try Program.run("backup", "list", "--data", folder["data"], "--format", "json").json as? [[String: Any]]
        #expect((list?.first?["verified"] as? [[String: Any]])?.first?["by"] as? String == "cellar")
        #expect(try Program.run("ledger", "verify", "--data", folder["data"]).status == 0)
    }

    @Test func aBackupIsCheckedWhereNobodyCanOpenIt() throws {
        #expect(try backUp().status == 0)
        let good = try Program.run("backup", "check", folder["one.age"], "--data", folder["data"])
        #expect(good.status == 0, "\(good.messages)")
        #expect(good.text.contains(recipient))
        var bytes = try folder.bytes(of: "one.age")
        bytes[bytes.count / 2] ^= 1
        try folder.write(bytes, to: "one.age")
        #expect(try Program.run("backup", "check", folder["one.age"], "--data", folder["data"]).status == 1)
        #expect(try backUp().status == 1, "a file that is there is not overwritten")
        #expect(try Program.run("backup", "--data", folder["data"], "--to", folder["x"]).status == 2)
    }

    @Test func aBackupStreamsIntoAnotherProgram() throws {
        let line =
            "\"$V\" backup --data data --to - --recipient \(recipient) | \"$V\" backup verify - --identity identity"
        let piped = try Program.shell(line, in: folder)
        #expect(piped.status == 0, "\(piped.messages)")
        #expect(piped.text.contains("restores and verifies"))
        let full = try Program.shell(
            "\"$V\" backup --data data --to - --recipient \(recipient) > /dev/full", in: folder)
        #expect(full.status == 3)
    }

    @Test func noWordAndNoKeyIsReadableInTheFileButAllIsInTheDump() throws {
        #expect(try backUp().status == 0)
        let file = Data(try folder.bytes(of: "one.age"))
        for word in ["Disks are encrypted", "vouchsafe/dump", "data_key", "Desk"] {
            #expect(file.range(of: Data(word.utf8)) == nil, "\(word) is readable")
        }
        let dump = Data(try Program.shell("age -d -i identity one.age", in: folder).output)
        #expect(dump.range(of: Data("data_key".utf8)) != nil)
        #expect(dump.range(of: Data("Disks are encrypted".utf8)) == nil)
    }

    @Test func theServerMakesTheScheduledBackupsWhileItServes() throws {
        try FileManager.default.createDirectory(atPath: folder["backups"], withIntermediateDirectories: true)
        let scheduled = try Program.run(
            "backup", "schedule", "--data", folder["data"], "--every", "24h", "--to", folder["backups"], "--keep", "2",
            "--recipient", recipient)
        #expect(scheduled.status == 0, "\(scheduled.messages)")
        let server = try RunningServer(folder)
        try server.waitForFirstChecks()
        // Online, beside the server.
        #expect(try backUp("asked.age").status == 0)
        #expect(server.stop().status == 0)
        let list =
            try Program.run("backup", "list", "--data", folder["data"], "--format", "json").json as? [[String: Any]]
        let made = try #require(list?.first { $0["reason"] as? String == "scheduled" })
        let path = try #require(made["file"] as? String)
        #expect(path.hasPrefix(folder["backups"]))
        let verified = try Program.run("backup", "verify", path, "--identity", folder["identity"])
        #expect(verified.status == 0, "\(verified.messages)")
        #expect(
            try Program.run("backup", "verify", folder["asked.age"], "--identity", folder["identity"]).status == 0)
    }

    @Test func whatWasMovedIsNotServedFromTheOldFile() throws {
        let wrong = try Program.run(
            "migrate", "--from", "sqlite:" + folder["nothing"], "--to", "postgres://a@localhost/b")
        #expect(wrong.status == 3)
        let odd = try Program.run("migrate", "--from", folder["data"], "--to", "postgres://a@localhost/b")
        #expect(odd.status == 2)
    }
}

/// Moves between the program's two databases, beside the PostgreSQL of `scripts/with-postgresql`.
@Suite(.enabled(if: Program.isBuilt && CommandDatabase.server != nil))
struct MigrateTests {
    @Test func proofsAreTheSameBytesInTheNewDatabase() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let target = try CommandDatabase.postgreSQL.options(for: folder)
        let proof = try Program.run("proof", "disks", "--data", folder["data"])
        let before = try Program.run("ledger", "verify", "--data", folder["data"])
        let moved = try Program.run(
            "migrate", "--from", "sqlite:" + folder["data"], "--to", target[1], "--to-owner", target[3])
        #expect(moved.status == 0, "\(moved.messages)")
        let old = try Program.run("status", "--data", folder["data"])
        #expect(old.status == 1)
        #expect(old.messages.contains("was moved to another database"))
        let there = ["--data", folder["data"], "--database", target[1]]
        #expect(try Program.run(["ledger", "verify"] + there).output == before.output)
        #expect(try Program.run(["proof", "disks"] + there).output == proof.output)
        let again = try Program.run(
            "migrate", "--from", "sqlite:" + folder["data"], "--to", target[1])
        #expect(again.status == 1)
        #expect(again.messages.contains("was moved to another database"))
        // Nor to an empty one: both would sign under the same keys.
        let elsewhere = try CommandDatabase.postgreSQL.options(for: try Folder())
        let second = try Program.run(
            "migrate", "--from", "sqlite:" + folder["data"], "--to", elsewhere[1], "--to-owner", elsewhere[3])
        #expect(second.status == 1)
        #expect(second.messages.contains("was moved to another database"))
    }

    @Test func aMoveIsTakenBackAsTheDocumentationSays() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let target = try CommandDatabase.postgreSQL.options(for: folder)
        let move = ["migrate", "--from", "sqlite:" + folder["data"], "--to", target[1], "--to-owner", target[3]]
        let before = try Program.run("ledger", "verify", "--data", folder["data"])
        #expect(try Program.run(move).status == 0)
        try DatabaseTool.run("DELETE FROM transfer", on: folder["data/vouchsafe.sqlite"])
        #expect(try Program.run("ledger", "verify", "--data", folder["data"]).output == before.output)
        let again = try Program.run(move)
        #expect(again.status == 1)
        #expect(again.messages.contains("There is an installation in the target already"))
    }

    @Test func aServerOnTheSourceIsNoticedWhereverTheKeyIs() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        _ = try Program.shell("mkdir -m 700 elsewhere && cp -p data/key elsewhere/", in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        let target = try CommandDatabase.postgreSQL.options(for: folder)
        // The addresses may hold passwords, so they need not stand in the list of processes.
        var environment = ProcessInfo.processInfo.environment
        environment["VOUCHSAFE_DATABASE"] = target[1]
        environment["VOUCHSAFE_DATABASE_OWNER"] = target[3]
        let move = ["migrate", "--from", "sqlite:" + folder["data"], "--data", folder["elsewhere"]]
        let refused = try Program.run(move, environment: environment)
        #expect(refused.status == 3)
        #expect(refused.messages.contains("Another Vouchsafe server runs on this data folder."))
        #expect(server.stop().status == 0)
        let moved = try Program.run(move, environment: environment)
        #expect(moved.status == 0, "\(moved.messages)")
        let nowhere = try Program.run(move, environment: ProcessInfo.processInfo.environment)
        #expect(nowhere.messages.contains("--to postgres://"))
    }

    @Test func preparingWithoutTheKeyLeavesNoOtherKeyBehind() throws {
        let folder = try Folder()
        let place = try CommandDatabase.postgreSQL.options(for: folder)
        try Samples.install(in: folder, options: place)
        for source in [["--key", "file"], ["--key", "file:" + folder["away"]]] {
            let refused = try Program.run(["database", "prepare", "--data", folder["second"]] + place + source)
            #expect(refused.messages.contains("its key is not here"), "\(refused.messages)")
            #expect(!FileManager.default.fileExists(atPath: folder["second/key"]))
            #expect(!FileManager.default.fileExists(atPath: folder["away"]))
        }
        _ = try Program.shell("cp -p data/key second/key", in: folder)
        let prepared = try Program.run(["database", "prepare", "--data", folder["second"]] + place)
        #expect(prepared.status == 0, "\(prepared.messages)")
        let rewrapped = try Program.run(["keys", "rewrap", "--data", folder["data"]] + place)
        #expect(rewrapped.text.contains("Copy the new key to every other server"))
    }
}
