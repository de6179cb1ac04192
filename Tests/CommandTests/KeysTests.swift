import AsyncHTTPClient
import Foundation
import Testing

/// The keys that seal everything, as an operator shows, rotates and rewraps them.
@Suite(.enabled(if: Program.isBuilt)) struct KeysTests {
    @Test(arguments: CommandDatabase.available)
    func aServerSealsAnewWhileItServes(on database: CommandDatabase) async throws {
        let desk = try Desk(on: database)
        let key = try #require(try desk.run("ledger", "key").lines.first)
        try desk.folder.write(try desk.run("proof", "disks").output, to: "proof")
        let before = try desk.keys()
        #expect(Set(before.dataKeys.map(\.scope)) == ["installation", "operator-log", "desk"])
        #expect(before.dataKeys.allSatisfy { $0.isCurrent && $0.values > 0 })
        let shown = try desk.run("keys").text
        #expect(shown.hasPrefix("Key-encryption key \(before.keyEncryptionKey), the file \(desk.folder["data/key"])\n"))
        for key in before.dataKeys { #expect(shown.contains(key.key) && shown.contains("\(key.values) values")) }

        let server = try RunningServer(desk.folder, options: desk.options)
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            try server.waitForFirstChecks()
            let rotated = try desk.run("keys", "rotate", "--background")
            #expect(rotated.status == 0, "\(rotated.messages)")
            var keys = try desk.keys().dataKeys
            let fresh = Set(keys.filter(\.isCurrent).map(\.key))
            #expect(fresh.count == 3 && fresh.isDisjoint(with: before.dataKeys.map(\.key)))
            #expect(keys.contains { !$0.isCurrent && $0.values > 0 })
            let status = try desk.run("keys", "status").text
            // The server looks once a minute: what is still to do now was to do when the status was asked for.
            if try desk.keys().dataKeys.contains(where: { !$0.isCurrent }) {
                #expect(status.contains("`vouchsafe keys rotate --finish` does it now"))
            }
            for _ in 0..<100 where keys.contains(where: { !$0.isCurrent }) {
                let page = try await visitor.get(server.address + "/", through: client)
                #expect(page.status == 200 && page.body.contains("Disks are encrypted."))
                try await Task.sleep(for: .seconds(1))
                keys = try desk.keys().dataKeys
            }
            #expect(Set(keys.map(\.key)) == fresh, "the older keys are gone")
            let asked = try await desk.askForException(by: visitor, at: server, through: client)
            #expect(asked.status == 201, "\(asked.body)")
        }
        try desk.verifyLedger()
        #expect(try Program.run("verify", desk.folder["proof"], "--key", key).status == 0)
        #expect(try desk.run("proof", "disks").status == 0)
        #expect(server.stop().status == 0)
        #expect(!server.logged.contains("error"), "\(server.logged)")
    }

    @Test(arguments: CommandDatabase.available)
    func aRunningServerTakesUpTheNewKeyFile(on database: CommandDatabase) async throws {
        let desk = try Desk(on: database)
        let server = try RunningServer(desk.folder, options: desk.options)
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            try server.waitForFirstChecks()
            let file = try desk.folder.bytes(of: "data/key")
            let before = try desk.keys()
            let rewrapped = try desk.run("keys", "rewrap")
            #expect(rewrapped.status == 0, "\(rewrapped.messages)")
            #expect(rewrapped.text.contains("Keep a copy of it apart from the data"))
            let after = try desk.keys()
            #expect(after.keyEncryptionKey != before.keyEncryptionKey)
            #expect(after.dataKeys.map(\.key) == before.dataKeys.map(\.key), "the same keys, wrapped anew")
            #expect(try desk.folder.bytes(of: "data/key") != file)
            #expect(!desk.folder.exists("data/key.new"))
            // New data keys, which the server can only unwrap with the new key file.
            #expect(try desk.run("keys", "rotate").status == 0)
            let asked = try await desk.askForException(by: visitor, at: server, through: client)
            #expect(asked.status == 201, "\(asked.body)")
            try desk.folder.write(file, to: "old-key")
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: desk.folder["old-key"])
            let old = try desk.run("status", "--key", "file:" + desk.folder["old-key"])
            #expect(old.status == 1)
            #expect(old.messages.contains(before.keyEncryptionKey) && old.messages.contains(after.keyEncryptionKey))
        }
        #expect(server.stop().status == 0)
        #expect(!server.logged.contains("error"), "\(server.logged)")
        try desk.verifyLedger()
    }

    @Test(arguments: CommandDatabase.available)
    func theKeyMovesToAPassphraseAndTheKeyFileOpensNothingAnyMore(on database: CommandDatabase) throws {
        let desk = try Desk(on: database)
        let proof = try desk.run("proof", "disks").output
        let file = try desk.keys().keyEncryptionKey
        let passphrase = "passphrase:" + (try desk.folder.write("seven herons stood by the mill\n", to: "words"))
        let moved = try desk.run("keys", "rewrap", "--to", passphrase)
        #expect(moved.status == 0, "\(moved.messages)")
        #expect(moved.text.contains("your passphrase with the file \(desk.folder["data/key-salt"])"))
        #expect(moved.text.contains("Backups and copies of the database from before still need the old one."))
        let words = try desk.keys("--key", passphrase).keyEncryptionKey
        #expect(words != file)
        for command in [["status"], ["keys", "status"], ["serve", "--listen", "localhost:0"]] {
            let refused = try desk.run(command)
            #expect(refused.status == 1, "\(command)")
            #expect(
                refused.messages.contains("is under the key-encryption key \(words), but the one given is \(file)."),
                "\(refused.messages)")
            #expect(refused.messages.contains("--key"), "what to do next")
        }
        try desk.folder.write("seven herons stood by the hill\n", to: "wrong")
        let wrong = try desk.run("status", "--key", "passphrase:" + desk.folder["wrong"])
        #expect(wrong.status == 1 && wrong.messages.contains("is under the key-encryption key \(words)"))
        try desk.folder.write("seven herons\n", to: "short")
        let short = try desk.run("status", "--key", "passphrase:" + desk.folder["short"])
        #expect(short.status == 1 && short.messages.contains("at least 15 characters"))
        #expect(try desk.run("proof", "disks", "--key", passphrase).output == proof)
        try desk.verifyLedger("--key", passphrase)

        // And on to a file elsewhere, which is made.
        let elsewhere = "file:" + desk.folder["elsewhere"]
        #expect(try desk.run("keys", "rewrap", "--to", elsewhere, "--key", passphrase).status == 0)
        #expect(try desk.run("status", "--key", passphrase).status == 1)
        #expect(try desk.run("proof", "disks", "--key", elsewhere).output == proof)
        #expect(try desk.run("keys", "rewrap", "--to", "nonsense", "--key", elsewhere).status == 2)
        try desk.verifyLedger("--key", elsewhere)
    }

    @Test(arguments: CommandDatabase.available)
    func aLostADamagedAndAnExposedKeyFileAreNamedAndNothingIsChanged(on database: CommandDatabase) throws {
        let desk = try Desk(on: database)
        let path = desk.folder["data/key"]
        let key = try desk.folder.bytes(of: "data/key")
        func put(_ bytes: [UInt8]?, mode: Int = 0o400) throws {
            try? FileManager.default.removeItem(atPath: path)
            guard let bytes else { return }
            try desk.folder.write(bytes, to: "data/key")
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        func expectRefusal(_ status: Int32, _ cause: String, _ next: String) throws {
            for command in [["keys", "status"], ["keys", "rotate"], ["serve", "--listen", "localhost:0"]] {
                let refused = try desk.run(command)
                #expect(refused.status == status, "\(command): \(refused.messages)")
                #expect(refused.messages.contains(path) && refused.messages.contains(cause), "\(refused.messages)")
                #expect(refused.messages.contains(next), "\(refused.messages)")
            }
        }
        let before = try desk.keys()
        try put(nil)
        try expectRefusal(3, "There is no key file.", "Put back the key file that this data was made with")
        #expect(!desk.folder.exists("data/key"), "no new one is made for data that is there")
        try put(Array(key.dropLast(20)))
        try expectRefusal(1, "The key file is damaged.", "Put back a copy of the key file")
        try put(key, mode: 0o444)
        try expectRefusal(1, "can be used by others than its owner (mode 444)", "chmod 0400")
        try put(key)
        let after = try desk.keys()
        #expect(after.dataKeys.map(\.key) == before.dataKeys.map(\.key))
        try desk.verifyLedger()
        let unknown = try desk.run("keys", "rotate", "--organisation", "nobody")
        #expect(unknown.status == 2)
        #expect(unknown.messages.contains("There is no organisation nobody."))
    }

    /// Killed at its first, second, third… write to the disk or to the server, until it comes to its end.
    @Test(.enabled(if: canTrace), arguments: CommandDatabase.available)
    func aRotationThatIsKilledAnywhereIsFinishedLater(on database: CommandDatabase) throws {
        let desk = try Desk(on: database)
        let key = try #require(try desk.run("ledger", "key").lines.first)
        try desk.folder.write(try desk.run("proof", "disks").output, to: "proof")
        let call = database == .sqlite ? "fdatasync" : "sendto"
        var isInTheMiddle = false
        func kill(_ command: String...) throws -> Int {
            for number in [1, 2, 3, 4, 6, 9, 13, 18, 25, 35, 50, 70, 100, 140, 200, 280, 400, 560] {
                let killed = try desk.run(command, killedAt: number, of: call)
                let keys = try desk.keys().dataKeys
                #expect(Set(keys.filter(\.isCurrent).map(\.scope)).count == 3)
                isInTheMiddle = isInTheMiddle || Set(keys.map { $0.isCurrent }).count == 2 && keys.count < 6
                #expect(try desk.run("status", "--format", "json").text.contains("Disks are encrypted."))
                try desk.verifyLedger()
                if killed.isExit, killed.status == 0 { return number }
            }
            Issue.record("it never came to its end")
            return 0
        }
        #expect(try desk.run("keys", "rotate", "--background").status == 0)
        let old = try desk.keys().dataKeys.filter { !$0.isCurrent }.map(\.key)
        #expect(old.count == 3)
        #expect(try kill("keys", "rotate", "--finish") > 2)
        #expect(isInTheMiddle, "one scope was done and another was not")
        let keys = try desk.keys().dataKeys
        #expect(keys.count == 3 && keys.allSatisfy { $0.isCurrent })
        #expect(Set(keys.map(\.key)).isDisjoint(with: old))
        let again = try desk.run("keys", "rotate", "--finish")
        #expect(again.status == 0 && again.text.contains("nothing is under an older key"), "\(again.text)")

        // A rewrap likewise: whichever of the two files is the right one then, it is found.
        let keyEncryptionKey = try desk.keys().keyEncryptionKey
        #expect(try kill("keys", "rewrap") > 1)
        #expect(try desk.keys().keyEncryptionKey != keyEncryptionKey)
        #expect(!desk.folder.exists("data/key.new"))
        #expect(try Program.run("verify", desk.folder["proof"], "--key", key).status == 0)
        #expect(try desk.run("proof", "disks").status == 0)
    }
}

private let canTrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

/// An installation with the sample policy on one of the databases.
private struct Desk {
    /// What `keys status` tells.
    struct Keys: Decodable {
        struct DataKey: Decodable {
            let scope, key: String
            let isCurrent: Bool
            let values: Int
        }

        let keyEncryptionKey: String
        let dataKeys: [DataKey]
    }

    let folder: Folder
    /// What names its database.
    let options: [String]

    init(on database: CommandDatabase) throws {
        folder = try Folder()
        options = try database.options(for: folder)
        try Samples.install(in: folder, options: options)
    }

    func run(_ arguments: String...) throws -> Program.Outcome { try run(arguments) }

    func run(_ arguments: [String]) throws -> Program.Outcome {
        try Program.run(arguments + ["--data", folder["data"]] + options)
    }

    /// Runs a command and kills it without warning when it comes to the given one of its calls of the system.
    func run(_ arguments: [String], killedAt number: Int, of call: String) throws -> Program.Outcome {
        let words = (arguments + ["--data", folder["data"]] + options).map { "\"\($0)\"" }
        return try Program.shell(
            "exec strace -f -qq -o /dev/null -e trace=\(call) -e inject=\(call):signal=SIGKILL:when=\(number) "
                + "\"$V\" \(words.joined(separator: " "))", in: folder)
    }

    /// Asks for an exception, which makes the server read and write.
    func askForException(
        by visitor: Visitor, at server: RunningServer, through client: HTTPClient
    ) async throws -> Visitor.Answer {
        let until = Date().addingTimeInterval(40 * 86_400).ISO8601Format()
        return try await visitor.post(
            server.address + "/api/v1/commitments/desk-rules/disks/exceptions", ["reason": "moving", "until": until],
            through: client)
    }

    func keys(_ more: String...) throws -> Keys {
        let shown = try run(["keys", "status", "--format", "json"] + more)
        try #require(shown.status == 0, "\(shown.messages)")
        return try JSONDecoder().decode(Keys.self, from: Data(shown.output))
    }

    func verifyLedger(_ more: String...) throws {
        let verified = try run(["ledger", "verify"] + more)
        #expect(verified.status == 0, "\(verified.text) \(verified.messages)")
    }
}
