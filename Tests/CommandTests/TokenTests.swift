import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct TokenTests {
    @Test func aServiceAccountsTokenOpensTheServerUntilItIsRevoked() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let data = ["--data", folder["data"]]
        let account = try Program.run(
            ["service-accounts", "make", "gate", "--purpose", "Stops releases.", "--permission", "commitments.read"]
                + data)
        #expect(account.status == 0, "\(account.messages)")
        let soon = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format().prefix(10))
        func make(_ permission: String) throws -> Program.Outcome {
            try Program.run(
                [
                    "tokens", "make", "pipeline", "--service-account", "gate", "--permission", permission, "--until",
                    soon,
                ]
                    + data)
        }
        #expect(try make("hosts.read").status == 2, "more than the account may")
        #expect(try make("account.change").status == 2)
        let token = try make("commitments.read").text.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(token.hasPrefix("vch_"))
        let server = try RunningServer(folder, "--jobs", "none")
        func status(_ path: String, _ options: String = "") throws -> String {
            try Program.shell(
                "curl -sk -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer \(token)' \(options) \(server.address)\(path)",
                in: folder
            ).text
        }
        #expect(try status("/api/v1/status") == "200")
        #expect(try status("/api/v1/hosts") == "403")
        #expect(try status("/api/v1/status", "-H 'Cookie: __Host-session=x'") == "400")
        #expect(try status("/") == "400")
        let list = try Program.run(["tokens", "list", "--format", "json"] + data)
        let tokens = try #require(list.json as? [[String: Any]])
        #expect(tokens.count == 1 && tokens[0]["lastUsedAt"] != nil)
        let holder = try #require(tokens[0]["holder"] as? [String: String])
        #expect(holder["kind"] == "service-account" && holder["name"] == "gate")
        #expect(try Program.run(["tokens", "list"] + data).text.contains("service account gate"))
        let id = try #require(tokens[0]["id"] as? String)
        #expect(try Program.run(["tokens", "revoke", id] + data).status == 0)
        #expect(try status("/api/v1/status") == "401")
        #expect(try Program.run(["tokens", "revoke", id] + data).status == 2)
        #expect(try Program.run(["service-accounts", "remove", "gate"] + data).status == 0)
        #expect(server.stop().status == 0)
        #expect(!server.logged.contains(token))
        #expect(try Program.run(["ledger", "verify"] + data).status == 0)
    }
}
