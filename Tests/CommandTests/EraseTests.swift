import AsyncHTTPClient
import Foundation
import Testing

private let isAgeHere = ["/usr/bin/age", "/usr/bin/age-keygen"].allSatisfy(FileManager.default.isExecutableFile)

/// A person who set the installation up, acted, and is erased while the server runs.
@Suite(.enabled(if: Program.isBuilt && isAgeHere)) struct EraseTests {
    @Test(arguments: CommandDatabase.available)
    func whoIsErasedIsFoundNowhereAndEveryProofStillVerifies(on database: CommandDatabase) async throws {
        let scene = try Scene(on: database)
        let key = try #require(try scene.run("ledger", "key").lines.first)
        var server = try RunningServer(scene.folder, options: scene.options + ["--verbose"])
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            try server.waitForFirstChecks()
            try await scene.act(as: visitor, at: server, through: client)
            try scene.expectSealed(server)

            // What was there before: all of the person's secrets are found where they should be, so a search finds them.
            try scene.backUp("before")
            #expect(try scene.requester(inRestored: "before") == Visitor.name)
            let secrets = try scene.secrets(in: "before.dump")
            #expect(secrets.values.count >= 7, "keys, indexes and sealed rows")
            let stored = try scene.everythingStored()
            #expect(secrets.values.allSatisfy { secret in stored.contains { $0.holds(secret) } })
            try scene.folder.write(try scene.run("proof", "disks").output, to: "proof")
            #expect(try scene.run("export", "--for", "auditor", "--to", scene.folder["record"]).status == 0)

            let erased = try scene.run("erase", Visitor.email.uppercased(), "--yes")
            #expect(erased.status == 0, "\(erased.messages)")
            #expect(erased.text.hasPrefix("Erased person:\(secrets.person). "))

            try await scene.expectGone(visitor, from: server, through: client)
            let after = try scene.everythingStored()
            for place in after {
                for secret in secrets.values { #expect(!place.holds(secret), "a secret of theirs is in \(place.name)") }
            }
            try scene.expectSealed(server)
            try scene.backUp("after")
            let dump = Place("after.dump", try scene.folder.bytes(of: "after.dump"))
            for secret in secrets.values { #expect(!dump.holds(secret), "a secret of theirs is in a new backup") }
            #expect(!dump.isTelling)
            #expect(dump.holds(Array("person:\(secrets.person)".utf8)), "the ledger tells it by a pseudonym")
            #expect(try scene.requester(inRestored: "after") == "person:\(secrets.person)")

            for file in ["proof", "record"] {
                let verified = try Program.run("verify", scene.folder[file], "--key", key)
                #expect(verified.status == 0, "\(verified.messages)")
            }
            try scene.verifyLedger()
            #expect(server.stop().status == 0)
            try scene.expectSealed(server)

            // Whoever owns it next sees what was done, and by whom only as a pseudonym.
            server = try RunningServer(scene.folder, options: scene.options, log: "second.log")
            let next = try await Visitor(
                ownerOf: server, name: "Next Owner", email: "next@desk.example", through: client)
            let page = try await next.get(server.address + "/commitments/desk-rules/disks", through: client)
            #expect(page.body.contains(Scene.reason) && page.body.contains("person:\(secrets.person)"))
            let ledger = try await next.get(server.address + "/api/v1/ledger", through: client)
            #expect(ledger.body.contains("membership.erased"))
            for answer in [page, ledger] { #expect(!Place("page", Array(answer.body.utf8)).isTelling) }
            #expect(server.stop().status == 0)
        }
        let exported = try scene.run("export", "--for", "auditor", "--to", scene.folder["later"])
        #expect(exported.status == 0, "\(exported.messages)")
        let verified = try Program.run("verify", scene.folder["later"], "--key", key)
        #expect(verified.status == 0 && verified.text.contains("membership.erased"), "\(verified.messages)")
        let again = try scene.run("erase", Visitor.email, "--yes")
        #expect(again.status == 2 && again.messages.contains("There is no such person here."))
    }

    @Test func nobodyElseIsErasedInTheirPlace() async throws {
        let scene = try Scene(on: .sqlite)
        let server = try RunningServer(scene.folder)
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            for person in ["nobody@desk.example", "nobody", "01a201b4-1e8f-729d-99f0-847c5fa81b26"] {
                let refused = try scene.run("erase", person, "--yes")
                #expect(refused.status == 2)
                #expect(refused.messages.contains("There is no such person here."))
                #expect(refused.messages.contains("Give the e-mail address they sign in with, or their identifier."))
            }
            let unsure = try scene.run("erase", Visitor.email)
            #expect(unsure.status == 0 && unsure.text.hasSuffix("Nothing was erased.\n"))
            #expect(try await visitor.get(server.address + "/", through: client).status == 200)
        }
        try scene.verifyLedger()
    }

    /// A backup reads an earlier moment, for which SQLite must keep its log as it is.
    @Test func anErasureBesideABackupSaysWhatIsLeftToDo() async throws {
        let scene = try Scene(on: .sqlite)
        // Long enough a dump that it does not fit into a pipe.
        for pack in [Samples.metadrop, Samples.metrix] {
            #expect(try scene.run("policy", "import", pack).status == 0)
        }
        let server = try RunningServer(scene.folder)
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            try server.waitForFirstChecks()
            let beside = try Program.shell(
                """
                mkfifo pipe
                "$V" backup --data data --to - --armour --recipient \(scene.recipient) > pipe &
                exec 3< pipe
                head -c 1000 <&3 > /dev/null
                "$V" erase \(Visitor.email) --yes --data data; echo "ended with $?"
                kill -0 $! && echo "still backing up"
                cat <&3 > /dev/null
                wait
                """, in: scene.folder)
            #expect(beside.text.contains("still backing up"))
            #expect(beside.text.contains("ended with 0"), "\(beside.text)")
            #expect(beside.text.contains("goes with the next checkpoint"), "\(beside.text)")
            #expect(try await visitor.get(server.address + "/", through: client).status == 303)
            let person = try #require(beside.text.firstMatch(of: /person:([0-9a-f-]{36})/)?.1)
            let again = try scene.run("erase", String(person), "--yes")
            #expect(again.status == 0, "\(again.messages)")
            #expect(again.text.contains("was erased before"))
            #expect(try scene.folder.bytes(of: "data/vouchsafe.sqlite-wal").isEmpty)
        }
        try scene.verifyLedger()
        #expect(!server.logged.contains("error"), "nobody else had to wait: \(server.logged)")
    }
}

/// An installation with somebody who keeps its backups.
private struct Scene {
    static let reason = "the new cabinets are late"

    let folder: Folder
    let recipient: String
    private let database: CommandDatabase
    /// What names its database.
    let options: [String]

    init(on database: CommandDatabase) throws {
        self.database = database
        folder = try Folder()
        options = try database.options(for: folder)
        try Samples.install(in: folder, options: options)
        let made = try Program.shell("age-keygen -o identity 2>/dev/null && age-keygen -y identity", in: folder)
        recipient = try #require(made.lines.first)
    }

    func run(_ arguments: String...) throws -> Program.Outcome { try run(arguments) }

    func run(_ arguments: [String]) throws -> Program.Outcome {
        try Program.run(arguments + ["--data", folder["data"]] + options)
    }

    func verifyLedger() throws {
        let verified = try run("ledger", "verify")
        #expect(verified.status == 0, "\(verified.text) \(verified.messages)")
    }

    /// Does what the ledger and a page tell of later.
    func act(as visitor: Visitor, at server: RunningServer, through client: HTTPClient) async throws {
        let until = Date().addingTimeInterval(40 * 86_400).ISO8601Format()
        let asked = try await visitor.post(
            server.address + "/api/v1/commitments/desk-rules/disks/exceptions",
            ["reason": Self.reason, "until": until], through: client)
        #expect(asked.status == 201, "\(asked.body)")
        let page = try await visitor.get(server.address + "/commitments/desk-rules/disks", through: client)
        #expect(page.body.contains(Visitor.name) && Place("page", Array(page.body.utf8)).isTelling)
    }

    /// Every file of the data folder, and every row where the database is elsewhere.
    func everythingStored() throws -> [Place] {
        var places = try folder.files(below: "data").map { Place($0.name, $0.bytes) }
        if database == .postgreSQL {
            let server = try #require(CommandDatabase.server)
            let schema = CommandDatabase.schema(of: folder)
            let dumped = try Program.shell("pg_dump -n \(schema) \"\(server)\"", in: folder)
            try #require(dumped.status == 0, "\(dumped.messages)")
            places.append(Place("pg_dump", dumped.output))
        }
        return places
    }

    /// Nothing that is stored or logged tells who it was.
    func expectSealed(_ server: RunningServer) throws {
        let places = try everythingStored()
        #expect(places.count > 3)
        for place in places { #expect(!place.isTelling, "they can be read in \(place.name)") }
        #expect(!server.logged.isEmpty && !Place("log", Array(server.logged.utf8)).isTelling, "they are in the log")
    }

    /// What the person held opens nothing any more, and nobody is shown who they were.
    func expectGone(_ visitor: Visitor, from server: RunningServer, through client: HTTPClient) async throws {
        #expect(try await visitor.get(server.address + "/", through: client).status == 303, "the session is over")
        #expect(try await visitor.get(server.address + "/api/v1/status", through: client).status == 401)
        let signIn = try await Visitor.fillIn(
            server.address + "/sign-in", [("email", Visitor.email), ("password", Visitor.password)], through: client)
        #expect(signIn.status == 401)
        for path in ["/trust/desk", "/api/v1/trust/desk", "/sign-in"] {
            let page = try await visitor.get(server.address + path, through: client)
            #expect(page.status == 200 && !Place(path, Array(page.body.utf8)).isTelling, "\(path)")
        }
    }

    // MARK: - Backups

    /// Makes `NAME.age` and opens it as `NAME.dump`.
    func backUp(_ name: String) throws {
        let made = try run("backup", "--to", folder["\(name).age"], "--recipient", recipient)
        #expect(made.status == 0, "\(made.messages)")
        let opened = try Program.shell("age -d -i identity \(name).age > \(name).dump", in: folder)
        #expect(opened.status == 0, "\(opened.messages)")
    }

    /// Who asked for the exception, by a backup that is restored elsewhere.
    func requester(inRestored name: String) throws -> String {
        let restored = try Program.run(
            "restore", folder["\(name).age"], "--identity", folder["identity"], "--data", folder["from-\(name)"])
        #expect(restored.status == 0, "\(restored.messages)")
        let list = try Program.run("exception", "list", "--data", folder["from-\(name)"], "--format", "json")
        let exceptions = try #require(list.json as? [[String: Any]], "\(list.messages)")
        let exception = exceptions.first?["exception"] as? [String: Any]
        return try #require(exception?["requestedBy"] as? String)
    }

    /// What a dump holds of the only person in it: their wrapped key, sealed rows, and what the rows are found by.
    func secrets(in dump: String) throws -> (person: String, values: [[UInt8]]) {
        let columns: Set = ["wrapped", "body", "email_index", "token_hash"]
        let rows = try DumpedRow.all(in: folder.bytes(of: dump))
            .filter { ["subject_key", "person", "credential", "session", "membership"].contains($0.table) }
        let person = try #require(rows.first { $0.table == "person" }?.values["id"])
        #expect(Set(rows.map(\.table)).count == 5)
        let id = try #require(person.count == 16 ? person.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) } : nil)
        return (
            UUID(uuid: id).uuidString.lowercased(),
            rows.flatMap { $0.values.filter { columns.contains($0.key) }.map(\.value) }
        )
    }
}

/// A row of a dump, read as docs/backup-format.md says; its texts and bytes only.
private struct DumpedRow {
    let table: String
    let values: [String: [UInt8]]

    static func all(in dump: [UInt8]) throws -> [DumpedRow] {
        var reader = DumpBytes(rest: dump[...])
        #expect(reader.take(18) == Array("vouchsafe/dump@v1\n".utf8))
        var tables: [(name: String, columns: [String])] = []
        var current = 0
        var rows: [DumpedRow] = []
        while let kind = reader.take(1).first {
            let content = reader.take(reader.number(4))
            switch kind {
            case UInt8(ascii: "H"):
                let header = try JSONSerialization.jsonObject(with: Data(content)) as? [String: Any]
                tables = try #require(header?["tables"] as? [[String: Any]]).map { table in
                    let columns = table["columns"] as? [[String: Any]] ?? []
                    return (table["name"] as? String ?? "", columns.compactMap { $0["name"] as? String })
                }
            case UInt8(ascii: "T"): current = content.reduce(0) { $0 << 8 | Int($1) }
            case UInt8(ascii: "R"): rows.append(row(content, of: tables[current]))
            default: break
            }
        }
        return rows
    }

    private static func row(_ content: [UInt8], of table: (name: String, columns: [String])) -> DumpedRow {
        var reader = DumpBytes(rest: content[...])
        var values: [String: [UInt8]] = [:]
        for column in table.columns {
            switch reader.take(1).first {
            case 1: _ = reader.take(8)
            case 2, 3: values[column] = reader.take(reader.number(4))
            default: break
            }
        }
        return DumpedRow(table: table.name, values: values)
    }
}

/// The bytes of a dump that are still to be read.
private struct DumpBytes {
    var rest: ArraySlice<UInt8>

    mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func number(_ bytes: Int) -> Int { take(bytes).reduce(0) { $0 << 8 | Int($1) } }
}

/// Bytes in which somebody may look for a person.
private struct Place {
    let name: String
    private let bytes: Data
    private let folded: Data

    /// The person's name and address, in pieces that nothing else holds.
    static let words = ["wilhelmina", "quillfeather"].map { Array($0.utf8) }

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = Data(bytes)
        folded = Data(bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
    }

    /// Whether the name or the address can be read.
    var isTelling: Bool { Self.words.contains { folded.range(of: Data($0)) != nil } }

    /// Whether `secret` is there, as it is or in the hexadecimal digits of PostgreSQL's dumps.
    func holds(_ secret: [UInt8]) -> Bool {
        let digits = secret.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return bytes.range(of: Data(secret)) != nil || bytes.range(of: Data(digits.utf8)) != nil
    }
}
