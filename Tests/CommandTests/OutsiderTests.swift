import AsyncHTTPClient
import Foundation
import Kernel
import Ledger
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

/// A real server, a real witness and a real follower, and an operator who puts an old database back.
@Suite(.enabled(if: Program.isBuilt))
struct OutsiderTests {
    let folder: Folder

    init() throws {
        folder = try Folder()
        try Samples.install(in: folder)
    }

    /// What the witness does by the server's own account, once it is `state`; asked for again and again until then.
    private func witnessLine(_ state: String) throws -> [String: Any] {
        for _ in 0..<200 {
            let listed = try Program.run("witness", "list", "--data", folder["data"], "--format", "json")
            let line = try #require((listed.json as? [[String: Any]])?.first, "\(listed.messages)")
            if line["state"] as? String == state { return line }
        }
        Issue.record("the witness never came to “\(state)”")
        throw CocoaError(.fileReadUnknown)
    }

    private func follow(_ server: RunningServer, _ ledger: String, key: String, state: String) throws -> Program.Outcome
    {
        try Program.run(
            "ledger", "follow", "\(server.address)/\(ledger)", "--key", key, "--state", folder[state], "--ca",
            folder["data/tls-certificate.pem"])
    }

    private func key(_ more: String...) throws -> String {
        try #require(try Program.run(["ledger", "key", "--data", folder["data"]] + more).lines.first)
    }

    /// `path` of the server, which has a certificate of its own making.
    private func get(_ path: String, of server: RunningServer) throws -> (status: Int, cache: String, body: [UInt8]) {
        var configuration = HTTPClient.Configuration(certificateVerification: .none)
        configuration.httpVersion = .http1Only
        let client = HTTPClient(configuration: configuration)
        defer { try? client.syncShutdown() }
        let answer = try client.get(url: server.address + path).wait()
        return (
            Int(answer.status.code), answer.headers.first(name: "cache-control") ?? "",
            answer.body.map { [UInt8](buffer: $0) } ?? []
        )
    }

    @Test func whoeverPutsAnOldDatabaseBackIsCaughtByWitnessAndFollower() throws {
        let (ledgerKey, logKey) = (try key(), try key("--operator-log"))
        try FileManager.default.copyItem(atPath: folder["data"], toPath: folder["old"])
        let witness = try RunningServer.witness(folder, of: logKey)
        let witnessKey = try #require(try Program.run("witness", "key", "--state", folder["witness"]).lines.first)
        let server = try RunningServer(folder)
        try server.waitForFirstChecks()
        #expect(
            try Program.run("witness", "add", witness.address, witnessKey, "--data", folder["data"]).status == 0)
        _ = try witnessLine("cosigns")

        for (ledger, key, state) in [("ledger/desk", ledgerKey, "desk"), ("operator-log", logKey, "log")] {
            let followed = try follow(server, ledger, key: key, state: state)
            #expect(followed.status == 0, "\(followed.messages)")
        }
        try look(at: server, ledgerKey: ledgerKey, logKey: logKey, witnessKey: witnessKey)
        let verified = try Program.run("ledger", "verify", "--data", folder["data"])
        #expect(verified.status == 0 && verified.text.contains("operator log verifies: "), "\(verified.text)")
        #expect(server.stop().status == 0)

        // The database of before, under the same keys: it verifies in itself, and only outsiders can know better.
        let certificate = try folder.bytes(of: "data/tls-certificate.pem")
        let certificateKey = try folder.bytes(of: "data/tls-key.pem")
        try FileManager.default.removeItem(atPath: folder["data"])
        try FileManager.default.copyItem(atPath: folder["old"], toPath: folder["data"])
        try folder.write(certificate, to: "data/tls-certificate.pem")
        try folder.write(certificateKey, to: "data/tls-key.pem")
        #expect(
            try Program.run("witness", "add", witness.address, witnessKey, "--data", folder["data"]).status == 0)
        let rewritten = try RunningServer(folder, log: "rewritten.log")
        try rewritten.waitForFirstChecks()
        _ = try witnessLine("CLAIMS ANOTHER HISTORY")
        #expect(rewritten.logged.contains("A witness says that it holds another history"))
        #expect(try Program.run("witness", "list", "--data", folder["data"]).status == 1)
        for (ledger, key, state) in [("ledger/desk", ledgerKey, "desk"), ("operator-log", logKey, "log")] {
            let refused = try follow(rewritten, ledger, key: key, state: state)
            #expect(refused.status == 1, "\(refused.text)")
            #expect(refused.messages.contains("\(folder[state]).shown-"))
        }
        let page = String(decoding: try get("/trust/desk", of: rewritten).body, as: UTF8.self)
        #expect(page.contains("witness.example/witness says that it holds another history than the one shown here."))
        #expect(page.contains("Nobody outside holds this history yet"))
        _ = rewritten.stop()
    }

    @Test func aWitnessWithACertificateOfItsOwnMakingIsAskedOnlyWhereItIsTrusted() throws {
        let server = try RunningServer(folder)
        let witness = try RunningServer.witness(
            folder, of: key("--operator-log"),
            options: [
                "--certificate", folder["data/tls-certificate.pem"], "--certificate-key", folder["data/tls-key.pem"],
            ])
        let witnessKey = try #require(try Program.run("witness", "key", "--state", folder["witness"]).lines.first)
        func add(_ more: String...) throws -> Int32 {
            let added = ["witness", "add", witness.address, witnessKey, "--data", folder["data"]]
            return try Program.run(added + more).status
        }
        #expect(try add("--ca", folder["data/tls-key.pem"]) == 3, "no certificate is in it")
        #expect(try add("--ca", folder["nothing.pem"]) == 3)
        #expect(try add() == 0)
        try server.waitForFirstChecks()
        _ = try witnessLine("unreachable")
        #expect(try Program.run("witness", "remove", "witness.example/witness", "--data", folder["data"]).status == 0)
        #expect(try add("--ca", folder["data/tls-certificate.pem"]) == 0)
        _ = try witnessLine("cosigns")
        _ = server.stop()
    }

    /// What anyone sees of a ledger that a witness holds.
    private func look(at server: RunningServer, ledgerKey: String, logKey: String, witnessKey: String) throws {
        let page = String(decoding: try get("/trust/desk", of: server).body, as: UTF8.self)
        #expect(page.contains("1 outsider holds this history"))
        #expect(page.contains("witness.example/witness"))
        let proof = try OperatorProof(parsing: get("/operator-log/proofs/desk", of: server).body)
        let shown = try proof.verify(
            organisation: NoteVerifier(parsing: ledgerKey), log: NoteVerifier(parsing: logKey),
            witnesses: [CosignatureVerifier(parsing: witnessKey)], quorum: 1)
        #expect(shown.organisation.size > 0)
        try verifyProof(
            get("/operator-log/proofs/desk", of: server).body, ledgerKey: ledgerKey, logKey: logKey,
            witnessKey: witnessKey)
        let both = try Program.run(
            "ledger", "follow", "\(server.address)/ledger/desk", "--key", ledgerKey, "--operator-log", logKey,
            "--witness",
            witnessKey, "--quorum", "0", "--state", folder["both"], "--ca", folder["data/tls-certificate.pem"])
        #expect(both.status == 0 && both.text.contains("are of this history"), "\(both.messages)")

        let checkpoint = try get("/ledger/desk/checkpoint", of: server)
        #expect(checkpoint.cache == "public, max-age=0")
        let size = try Checkpoint(
            opening: SignedNote(parsing: checkpoint.body), with: NoteVerifier(parsing: ledgerKey)
        ).size
        let partial = try get("/ledger/desk/tile/entries/000.p/\(size)", of: server)
        #expect(partial.status == 200 && partial.cache == "public, max-age=60")
        _ = try EntryBundle(decoding: partial.body, width: Int(size))
        for path in [
            "/ledger/desk/tile/0/000", "/ledger/desk/tile/0/000.p/\(size + 200)", "/ledger/desk/tile/0/0",
            "/ledger/desk/tile/0/000.p/0\(size)", "/ledger/desk/tile/%30/000.p/\(size)", "/ledger/desk/tile",
            "/ledger/desk/tile/0/000.p/\(size)?x=1", "/ledger/desk/tile/0/000.p/\(size)/", "/ledger/nobody/checkpoint",
            "/ledger/nobody/tile/0/000.p/1", "/ledger/%64esk/tile/0/000.p/\(size)", "/ledger/desk/nothing",
            "/operator-log/tile/0/000", "/operator-log/proofs/nobody", "/operator-log",
        ] {
            #expect(try get(path, of: server).status == 404, "\(path)")
        }
    }

    /// What whoever downloaded the proof does with it, offline.
    private func verifyProof(_ proof: [UInt8], ledgerKey: String, logKey: String, witnessKey: String) throws {
        try folder.write(proof, to: "desk-outsiders.proof")
        let other = try Cosigner(name: "witness.example/other", seed: Array(repeating: 8, count: 32)).verifier.text
        func verify(_ more: String...) throws -> Program.Outcome {
            try Program.run(["verify", folder["desk-outsiders.proof"], "--key", ledgerKey] + more)
        }
        let held = try verify("--log-key", logKey, "--witness", witnessKey)
        #expect(held.status == 0 && held.text.contains("cosigned by witness.example/witness at"), "\(held.messages)")
        let told = try verify("--log-key", logKey, "--witness", witnessKey, "--format", "json").json as? [String: Any]
        #expect((told?["witnesses"] as? [[String: Any]])?.first?["key"] as? String == witnessKey)
        let alone = try verify("--log-key", logKey)
        #expect(alone.status == 0 && alone.text.contains("the operator's word alone"))
        #expect(try verify("--log-key", logKey, "--witness", witnessKey, "--witness", other).status == 1)
        #expect(
            try verify("--log-key", logKey, "--witness", witnessKey, "--witness", other, "--quorum", "1").status == 0)
        #expect(try verify("--log-key", ledgerKey, "--witness", witnessKey).status == 1)
        for wrong in [["--require-kept", "--log-key", logKey], ["--log-key", "no key"], ["--at", "2026-03-01"], []] {
            #expect(
                try Program.run(["verify", folder["desk-outsiders.proof"], "--key", ledgerKey] + wrong).status == 2)
        }
        for index in stride(from: 0, to: proof.count, by: 97) {
            var changed = proof
            changed[index] ^= 1
            try folder.write(changed, to: "desk-outsiders.proof")
            #expect(try verify("--log-key", logKey, "--witness", witnessKey).status != 0, "byte \(index)")
        }
        try folder.write("no proof", to: "desk-outsiders.proof")
        #expect(try verify("--witness", witnessKey).status == 2)
    }

    @Test func witnessesAreAddedListedAndRemovedByName() throws {
        let cosigners = try (1...2).map {
            try Cosigner(name: "witness.example/\($0)", seed: Array(repeating: UInt8($0), count: 32))
        }
        func witness(_ arguments: String...) throws -> Program.Outcome {
            try Program.run(["witness"] + arguments + ["--data", folder["data"]])
        }
        #expect(try witness("list").text == "No witness is asked. Nobody outside holds this history.\n")
        for cosigner in cosigners {
            #expect(try witness("add", "https://witness.example/", cosigner.verifier.text).status == 0)
        }
        #expect(try witness("add", "https://other.example", cosigners[0].verifier.text).status == 1)
        #expect(try witness("list").lines.count == 4)
        #expect(try witness("remove", "witness.example/1").status == 0)
        #expect(try witness("remove", "witness.example/1").status == 2)
        let listed = try witness("list", "--format", "json").json as? [[String: Any]]
        #expect(listed?.map { $0["name"] as? String } == ["witness.example/2"])
        #expect(listed?.first?["address"] as? String == "https://witness.example")
        #expect(try witness("add", "ftp://witness.example", cosigners[0].verifier.text).status == 2)
        #expect(try witness("add", "https://witness.example", "no key").status == 2)
        #expect(try witness("add", "https://witness.example?x=1", cosigners[0].verifier.text).status == 2)
        let verified = try Program.run("ledger", "verify", "--data", folder["data"])
        #expect(verified.status == 0, "\(verified.text)")
    }
}
