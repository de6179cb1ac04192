import Foundation
import Testing

/// Every test that only looks shares one server; those that end it have their own.
@Suite(.enabled(if: Program.isBuilt), .serialized)
struct ServerTests {
    private let soon = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format().prefix(10))

    private func status(_ data: String, at moment: String? = nil) throws -> [String: Int] {
        let outcome = try Program.run(
            ["status", "--data", data, "--format", "json"] + (moment.map { ["--at", $0] } ?? []))
        let report = try #require(outcome.json as? [String: Any], "\(outcome.messages)")
        #expect(outcome.status == (((report["counts"] as? [String: Int])?["broken"] ?? 0) > 0 ? 1 : 0))
        return try #require(report["counts"] as? [String: Int])
    }

    @Test func aServerMeasuresPublishesAndSharesItsDataWithTheCommandLine() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--verbose")
        try server.waitForFirstChecks()

        // The verdicts come from real observations of this machine.
        let now = try status(folder["data"])
        #expect((now["kept"] ?? 0) + (now["broken"] ?? 0) + (now["unproven"] ?? 0) == 2)
        // Nobody looks any more: the same evidence has run out in a month, and proves nothing.
        let later = try status(folder["data"], at: soon)
        #expect(later["kept"] == 0 && later["broken"] == 0)
        #expect((later["stale"] ?? 0) + (later["unproven"] ?? 0) == 2)

        // The command line works beside it.
        let granted = try Program.run(
            "exception", "grant", "disks", "--reason", "moving", "--until", soon, "--data", folder["data"])
        #expect(granted.status == 0, "\(granted.messages)")
        let proof = try Program.run("proof", "guests", "--data", folder["data"])
        try folder.write(proof.output, to: "proof")
        let key = try #require(try Program.run("ledger", "key", "--data", folder["data"]).lines.first)
        #expect(try Program.run("verify", folder["proof"], "--key", key).status == 0)
        let later2 = try Program.run("verify", folder["proof"], "--key", key, "--at", "2099-01-01")
        #expect(later2.text.contains(": was "))
        #expect(!later2.text.contains("kept as of"))
        #expect(try Program.run("ledger", "verify", "--data", folder["data"]).status == 0)

        // There is one server to a folder, and one program to a port.
        let second = try Program.run("serve", "--data", folder["data"], "--listen", "localhost:0")
        #expect(second.status == 3)
        #expect(second.messages.contains("Another Vouchsafe server runs on this data folder."))
        let other = try Folder()
        try Samples.install(in: other)
        let taken = try Program.run("serve", "--data", other["data"], "--listen", "localhost:\(server.port)")
        #expect(taken.status == 3)
        #expect(taken.messages.contains("The port \(server.port) is in use by another program."))
        #expect(!taken.text.contains("listens"))

        let end = server.stop()
        #expect(end.isExit && end.status == 0, "\(server.logged)")
        // What a service is made of does not belong in a log.
        #expect(!server.logged.contains("Rooms("))
        #expect(server.logged.split(separator: "\n").allSatisfy { $0.utf8.count < 1000 })
        #expect(try Program.run("ledger", "verify", "--data", folder["data"]).status == 0)
    }

    @Test func aServerWithoutJobsMeasuresNothing() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        #expect(server.address.hasPrefix("https://localhost:"))
        #expect(try status(folder["data"])["unproven"] == 2)
        #expect(server.stop(SIGINT).status == 0)
    }

    @Test func killedAtAnyMomentItLosesNothingThatItAcknowledged() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        for round in 0..<5 {
            let server = try RunningServer(folder)
            for number in 0..<round {
                let granted = try Program.run(
                    "exception", "grant", "disks", "--reason", "round \(round), \(number)", "--until", soon, "--data",
                    folder["data"])
                #expect(granted.status == 0, "\(granted.messages)")
            }
            let end = server.stop(SIGKILL)
            #expect(!end.isExit)
            let verified = try Program.run("ledger", "verify", "--data", folder["data"])
            #expect(verified.status == 0, "\(verified.text) \(verified.messages)")
        }
        let list = try Program.run("exception", "list", "--data", folder["data"], "--format", "json").json as? [Any]
        #expect(list?.count == 10)
        let server = try RunningServer(folder)
        try server.waitForFirstChecks()
        #expect(server.stop().status == 0)
    }

    @Test func certificateFilesThatCannotBeUsedAreNamed() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        try folder.write("no certificate", to: "bad.pem")
        for file in ["bad.pem", "none.pem"] {
            let refused = try Program.run(
                "serve", "--data", folder["data"], "--listen", "localhost:0", "--certificate", folder[file],
                "--certificate-key", folder[file])
            #expect(refused.status == 3)
            #expect(refused.messages.hasPrefix("error: \(folder[file]): "), "\(refused.messages)")
        }
    }

    @Test func aHalfReplacedCertificateLeavesTheOneBeforeInUse() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        for (name, days) in [("1", "90"), ("2", "80")] {
            let made = try Program.shell(
                """
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k\(name).pem \
                -out c\(name).pem -days \(days) -subj /CN=localhost 2>/dev/null
                """, in: folder)
            try #require(made.status == 0, "openssl is needed")
        }
        _ = try Program.shell("cp c1.pem c.pem && cp k1.pem k.pem", in: folder)
        let server = try RunningServer(folder, "--certificate", folder["c.pem"], "--certificate-key", folder["k.pem"])
        func served() throws -> String {
            try Program.shell(
                "echo | openssl s_client -connect localhost:\(server.port) 2>/dev/null | openssl x509 -noout -fingerprint",
                in: folder
            ).text
        }
        func fingerprint(_ file: String) throws -> String {
            try Program.shell("openssl x509 -in \(file) -noout -fingerprint", in: folder).text
        }
        #expect(try served() == fingerprint("c1.pem"))
        _ = try Program.shell("cp c2.pem c.pem", in: folder)
        #expect(try served() == fingerprint("c1.pem"))
        _ = try Program.shell("cp k2.pem k.pem", in: folder)
        #expect(try served() == fingerprint("c2.pem"))
    }

    @Test(.enabled(if: DatabaseTool.isHere))
    func theDamageOfOneOrganisationStopsNoOther() throws {
        let folder = try Folder()
        #expect(try Program.run("init", "--data", folder["data"], "--organisation", "Aardvark").status == 0)
        try Samples.install(in: folder)
        let database = folder["data/vouchsafe.sqlite"]
        // The older one, which comes first in every round.
        try DatabaseTool.run(
            """
            UPDATE ledger_head SET frontier = x'00' WHERE organisation = \
            (SELECT id FROM tenant ORDER BY created_at, id LIMIT 1)
            """, on: database)
        let server = try RunningServer(folder)
        try server.waitForFirstChecks()
        let report = try Program.run("status", "--data", folder["data"], "--organisation", "desk", "--format", "json")
        let counts = try #require((report.json as? [String: Any])?["counts"] as? [String: Int], "\(report.messages)")
        #expect((counts["kept"] ?? 0) + (counts["broken"] ?? 0) + (counts["unproven"] ?? 0) == 2)
        let proof = try Program.run("proof", "disks", "--data", folder["data"], "--organisation", "desk")
        #expect(proof.status == 0, "its verdicts are published: \(proof.messages)")
        #expect(server.stop().status == 0)
    }
}
