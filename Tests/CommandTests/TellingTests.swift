import Foundation
import Testing

/// What an organisation's auditor reads of its people's sign-ins.
@Suite(.enabled(if: Program.isBuilt))
struct TellingTests {
    @Test func theLedgersPageAndTheExportTellWhoCameIn() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            let signedIn = try await Visitor.fillIn(
                server.address + "/sign-in", [("email", Visitor.email), ("password", Visitor.password)],
                through: client)
            #expect(signedIn.status == 303)
            let page = try await visitor.get(server.address + "/ledger", through: client).body
            #expect(page.components(separatedBy: "session.began.password").count == 3, "joining and signing in")
            let ended = try await visitor.post(server.address + "/sign-out", [:], through: client)
            #expect(ended.status == 303)
        }
        #expect(server.stop().status == 0)
        let exported = try Program.run("export", "--for", "auditor", "--to", folder["record"], "--data", folder["data"])
        #expect(exported.status == 0, "\(exported.messages)")
        let record = String(decoding: try folder.bytes(of: "record"), as: UTF8.self)
        #expect(record.contains("session.began.password") && record.contains("session.ended"))
        #expect(!record.contains(Visitor.email))
        let key = try #require(try Program.run("ledger", "key", "--data", folder["data"]).lines.first)
        let verified = try Program.run("verify", folder["record"], "--key", key)
        #expect(verified.status == 0, "\(verified.messages)")
    }
}
