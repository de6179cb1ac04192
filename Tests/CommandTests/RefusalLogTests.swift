import AsyncHTTPClient
import Foundation
import NIOHTTP1
import Testing

/// What the operator's log tells of those who were turned away.
@Suite(.enabled(if: Program.isBuilt))
struct RefusalLogTests {
    /// The lines of refusals, each as its fields.
    private static func refusals(_ server: RunningServer) -> [[String: String]] {
        server.logged.split(separator: "\n").filter { $0.hasSuffix("A request was refused.") }.map { line in
            var fields: [String: String] = [:]
            for field in line.split(separator: " ") {
                let parts = field.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
            }
            return fields
        }
    }

    @Test func eachRefusalHasALineFromWhichNobodyIsToBeRead() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        let (wrong, stranger) = ("an unlikely turnip parade", "stranger@elsewhere.example")
        var secrets = [wrong, stranger, Visitor.email, Visitor.password, Visitor.name, "127.0.0.1", "::1"]
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            secrets += [visitor.session, visitor.formToken]
            func signIn(_ email: String) async throws -> Int {
                let answer = try await Visitor.fillIn(
                    server.address + "/sign-in", [("email", email), ("password", wrong)], through: client)
                return answer.status
            }
            // Who only came without a session is nothing to tell of.
            #expect(try await Visitor.send(.GET, server.address + "/", [], nil, through: client).status == 303)
            #expect(Self.refusals(server).isEmpty)

            #expect(try await signIn(stranger) == 401)
            #expect(try await signIn(Visitor.email) == 401)
            #expect(try await signIn(Visitor.email.uppercased()) == 401)
            for _ in 0..<3 { #expect(try await signIn(Visitor.email) == 401) }
            #expect(try await signIn(Visitor.email) == 429)
            let signIns = Self.refusals(server)
            #expect(signIns.count == 7 && signIns.allSatisfy { $0["route"] == "signIn" })
            #expect(
                signIns.map { $0["code"] } == Array(repeating: "identity.sign-in", count: 6) + ["identity.throttled"])
            #expect(Set(signIns.map { $0["network"] }).count == 1 && signIns[0]["network"] != nil)
            let tried = signIns.map { $0["tried"] }
            #expect(tried[0] != nil && tried[0] != tried[1])
            #expect(Set(tried.dropFirst()).count == 1, "however it is spelt")
            #expect(Set(signIns.map { $0["hb.request.id"] }).count == 7)

            let forged = try await Visitor.send(
                .POST, server.address + "/account/notices/dismiss",
                [("Cookie", visitor.session), ("Sec-Fetch-Site", "cross-site")], "", through: client)
            #expect(forged.status == 403)
            #expect(Self.refusals(server).last?["code"] == "form.origin")
            #expect(Self.refusals(server).last?["who"]?.hasPrefix("person:") == true)
            #expect(Self.refusals(server).last?["organisation"] != nil)

            let made = try await visitor.post(
                server.address + "/api/v1/tokens",
                [
                    "name": "A pipeline", "permissions": ["commitments.read"],
                    "until": ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 86_400)),
                ], through: client)
            let token = try #require(made.body.firstMatch(of: /vch_[A-Za-z0-9_-]+/), "\(made.body)").0
            secrets.append(String(token))
            func ask(_ bearer: Substring) async throws -> Int {
                try await Visitor.send(
                    .GET, server.address + "/api/v1/hosts", [("Authorization", "Bearer \(bearer)")], nil,
                    through: client
                ).status
            }
            #expect(try await ask(token) == 403)
            let lacking = try #require(Self.refusals(server).last)
            #expect(lacking["code"] == "session.not-permitted" && lacking["who"]?.hasPrefix("token:") == true)
            for _ in 0..<30 { #expect(try await ask(token.dropLast()) == 401) }
        }
        #expect(server.stop().status == 0)
        // Twenty a minute have a line; a slow machine may take more than one minute.
        let lines = Self.refusals(server).count { $0["code"] == "token.invalid" }
        let counted = server.logged.split(separator: "\n").filter {
            $0.contains("than are told one by one") && $0.contains("code=token.invalid")
        }
        let leftOut = counted.compactMap { $0.firstMatch(of: /count=(\d+)/).flatMap { Int($0.1) } }.reduce(0, +)
        #expect(lines >= 20 && lines + leftOut == 30, "\(lines) lines, \(leftOut) counted")
        let told = server.logged.split(separator: "\n").filter { $0.contains("refused") }.joined(separator: "\n")
        for secret in secrets { #expect(!told.lowercased().contains(secret.lowercased())) }
    }
}
