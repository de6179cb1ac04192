import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// What the server answers to those who do not ask as a browser or a program of ours would.
@Suite(.enabled(if: Program.isBuilt), .serialized)
struct WebDefenceTests {
    /// OWASP ASVS 5.0 §3.4, and what earns every bonus of the HTTP Observatory.
    private static let headers = [
        ("content-security-policy", "default-src 'none'"), ("content-security-policy", "frame-ancestors 'none'"),
        ("content-security-policy", "base-uri 'none'"), ("content-security-policy", "form-action 'self'"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"), ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"), ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"), ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"), ("permissions-policy", "camera=()"),
    ]

    /// - Parameter mayBeKept: Whether shared caches may keep the answer.
    private func expectDefences(_ answer: Visitor.Answer, mayBeKept: Bool = false, _ what: String) {
        for (name, value) in Self.headers {
            let sent = answer.headers[name]
            #expect(sent.count == 1 && sent.first?.contains(value) == true, "\(what): \(name): \(sent)")
        }
        #expect(answer.headers["content-security-policy"].first?.contains("unsafe") == false)
        #expect(answer.headers["access-control-allow-origin"].isEmpty && answer.headers["server"].isEmpty)
        #expect(answer.headers["cache-control"].count == 1, "\(what)")
        #expect(
            (answer.headers["cache-control"].first == "no-store") != mayBeKept,
            "\(what): \(answer.headers["cache-control"])")
        for cookie in answer.headers["set-cookie"] {
            #expect(cookie.hasPrefix("__Host-"), "\(what)")
            for rule in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
                #expect(cookie.contains(rule), "\(what)")
            }
        }
    }

    /// What was asked, where there was no answer.
    private static func named<T>(_ what: String, _ work: () async throws -> T) async throws -> T {
        do { return try await work() } catch {
            Issue.record("\(what): \(error)")
            throw error
        }
    }

    @Test func everyAnswerCarriesTheHeadersWhoeverAsksByWhateverMethod() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--security-contact", "security@example.org")
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            let secret = [
                "/", "/sign-in", "/hosts", "/no/such/page", "/api/v1/status", "/api/v1/no-such-thing", "/set-up/x",
                "/commitments/desk-rules/disks/proof", "/commitments/desk-rules/disks/exceptions",
                "/.well-known/change-password", "/api/v1/status?at=never", "/?a=%FF", "/%FF", "/assets/nothing",
            ]
            let open = ["/assets/vouchsafe.js", "/.well-known/security.txt", "/api/v1/openapi.json"]
            for (path, mayBeKept) in secret.map({ ($0, false) }) + open.map({ ($0, true) }) {
                for cookie in [[], [("Cookie", visitor.session)]] {
                    for method in [HTTPMethod.GET, .HEAD, .POST, .PUT, .PATCH, .DELETE, .OPTIONS, .TRACE] {
                        let answer = try await Self.named("\(method) \(path)") {
                            try await Visitor.send(method, server.address + path, cookie, nil, through: client)
                        }
                        #expect(answer.status < 500, "\(method) \(path)")
                        expectDefences(
                            answer, mayBeKept: mayBeKept && (method == .GET || method == .HEAD), "\(method) \(path)")
                    }
                }
            }
        }
        #expect(server.stop().status == 0)
    }

    @Test func aKnownAddressAskedByAnotherMethodSaysWhichItTakes() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        try await Visitor.withClient { client in
            for (path, allowed, type) in [
                ("/", "GET, HEAD", "text/html"), ("/sign-in", "GET, HEAD, POST", "text/html"),
                ("/sign-out", "POST", "text/html"), ("/api/v1/status", "GET, HEAD", "application/problem+json"),
                ("/api/v1/policies", "GET, HEAD, POST", "application/problem+json"),
                ("/operator-log/checkpoint", "GET, HEAD", "application/problem+json"),
            ] {
                for method in [HTTPMethod.PUT, .OPTIONS, .TRACE, .RAW(value: "PROPFIND")] {
                    let answer = try await Visitor.send(method, server.address + path, [], nil, through: client)
                    #expect(answer.status == 405, "\(method) \(path)")
                    #expect(answer.headers["allow"] == [allowed], "\(method) \(path)")
                    #expect(answer.headers["content-type"].first?.hasPrefix(type) == true, "\(method) \(path)")
                }
            }
            let nowhere = try await Visitor.send(.PUT, server.address + "/nowhere", [], nil, through: client)
            #expect(nowhere.status == 404 && nowhere.headers["allow"].isEmpty)
        }
        #expect(server.stop().status == 0)
    }

    @Test func whatIsWrongWithABodyIsToldByItsStatus() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        try await Visitor.withClient { client in
            let visitor = try await Visitor(ownerOf: server, through: client)
            let exceptions = server.address + "/api/v1/commitments/desk-rules/disks/exceptions"
            func post(_ address: String, _ type: String?, _ body: String, signedIn: Bool = true) async throws
                -> Visitor.Answer
            {
                let known = [("Cookie", visitor.session), ("X-Form-Token", visitor.formToken)]
                return try await Visitor.send(
                    .POST, address,
                    (signedIn ? known : []) + Visitor.ownPage + (type.map { [("Content-Type", $0)] } ?? []),
                    body, through: client)
            }
            let good = #"{"reason":"moving","until":"2099-01-01T00:00:00Z"}"#
            let cases: [(String?, String, Int, String)] = [
                ("text/plain", good, 415, "body.type"), (nil, good, 415, "body.type"),
                ("application/json", "{", 400, "body.json"), ("application/json", "{}", 400, "body.shape"),
                ("application/json", #"{"reason":1,"until":"2099-01-01T00:00:00Z"}"#, 400, "body.shape"),
                ("application/json", #"{"reason":"x","until":"2099-01-01T00:00:00Z","x":1}"#, 400, "body.shape"),
                ("application/json", String(repeating: " ", count: 70_000), 413, "body.size"),
            ]
            for (type, body, status, code) in cases {
                let answer = try await post(exceptions, type, body)
                #expect(
                    answer.status == status && answer.code == code, "\(type ?? "") \(body.prefix(60)): \(answer.body)")
                #expect(answer.headers["content-type"] == ["application/problem+json"])
            }
            // Before anything of the body is looked at.
            #expect(try await post(exceptions, "text/plain", "{", signedIn: false).status == 401)
            #expect(
                try await post(server.address + "/commitments/desk-rules/disks/exceptions", "application/json", good)
                    .status == 415)
        }
        #expect(server.stop().status == 0)
    }

    @Test func aRequestThatCanBeReadInTwoWaysIsNotReadAtAll() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        let many = (0..<200).map { "X-\($0): y\\r\\n" }.joined()
        for (what, request) in [
            (
                "two measures of one body",
                "POST /sign-in HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n"
            ),
            (
                "two lengths",
                "POST /sign-in HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 4\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"
            ),
            (
                "a folded header",
                "GET / HTTP/1.1\\r\\nHost: x\\r\\nX: a\\r\\n b\\r\\nTransfer-Encoding : chunked\\r\\n\\r\\n"
            ),
            ("no HTTP at all", "hello\\r\\n\\r\\n"),
            ("too many headers", "GET / HTTP/1.1\\r\\nHost: x\\r\\n\(many)\\r\\n"),
            (
                "too large a header",
                "GET / HTTP/1.1\\r\\nHost: x\\r\\nX: \(String(repeating: "y", count: 40_000))\\r\\n\\r\\n"
            ),
        ] {
            try folder.write(request.replacingOccurrences(of: "\\r\\n", with: "\r\n"), to: "request")
            let answer = try Program.shell(
                "(cat request; sleep 5) | timeout 10 openssl s_client -quiet -connect localhost:\(server.port) 2>/dev/null",
                in: folder)
            #expect(answer.text.hasPrefix("HTTP/1.1 400 "), "\(what): \(answer.text)")
            for (name, value) in Self.headers {
                #expect(
                    answer.text.components(separatedBy: "\r\n").contains {
                        $0.lowercased().hasPrefix("\(name): ") && $0.contains(value)
                    },
                    "\(what): \(name)")
            }
            #expect(answer.text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(what): one answer and no more")
        }
        #expect(server.stop().status == 0)
    }

    @Test func securityTextNamesTheContactThatTheOperatorSet() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let refused = try Program.run("serve", "--data", folder["data"], "--security-contact", "http://example.org")
        #expect(refused.status == 1 && refused.messages.contains("security contact"), "\(refused.messages)")
        let server = try RunningServer(
            folder, "--jobs", "none", "--security-contact", "security@example.org", "--address",
            "https://trust.example.org")
        try await Visitor.withClient { client in
            let answer = try await Visitor.send(
                .GET, server.address + "/.well-known/security.txt", [], nil, through: client)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == ["text/plain; charset=utf-8"])
            let fields = Dictionary(
                answer.body.split(separator: "\n").map { line in
                    let parts = line.split(separator: ": ", maxSplits: 1)
                    return (String(parts[0]), String(parts[1]))
                }, uniquingKeysWith: { first, _ in first })
            #expect(fields["Contact"] == "mailto:security@example.org")
            #expect(fields["Canonical"] == "https://trust.example.org/.well-known/security.txt")
            #expect(fields["Preferred-Languages"] == "en")
            let expires = try Date(
                try #require(fields["Expires"]),
                strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true))
            #expect(expires > Date() + 30 * 86_400 && expires < Date() + 364 * 86_400)
            let password = try await Visitor.send(
                .GET, server.address + "/.well-known/change-password", [], nil, through: client)
            #expect(password.status == 303 && password.headers["location"] == ["/account"])
        }
        #expect(server.stop().status == 0)
        let silent = try RunningServer(folder, "--jobs", "none", log: "second.log")
        try await Visitor.withClient { client in
            let answer = try await Visitor.send(
                .GET, silent.address + "/.well-known/security.txt", [], nil, through: client)
            #expect(answer.status == 404)
        }
        #expect(silent.stop().status == 0)
    }

    @Test func whatStandsInTheOperatorsListIsNoNewPassword() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let none = try Program.run("serve", "--data", folder["data"], "--password-list", folder["none.txt"])
        #expect(none.status == 3 && none.messages.contains("none.txt"), "\(none.messages)")
        try Data("blue bridge under dragons\n".utf8).write(to: URL(filePath: folder["list.txt"]))
        let server = try RunningServer(folder, "--jobs", "none", "--password-list", folder["list.txt"])
        let line = try #require(try server.wait(for: "Set up its owner").last)
        let link = try #require(line.range(of: "/set-up/").map { String(line[$0.lowerBound...]) })
        try await Visitor.withClient { client in
            func answer(_ password: String) async throws -> Visitor.Answer {
                try await Visitor.fillIn(
                    server.address + link,
                    [("name", Visitor.name), ("email", Visitor.email), ("password", password)], through: client)
            }
            let refused = try await answer("Blue bridge under dragons 7")
            #expect(refused.status == 400 && refused.body.contains("one of those that are tried first"))
            #expect(try await answer(Visitor.password).status == 303)
        }
        #expect(server.stop().status == 0)
    }

    @Test func oneNetworkCannotTakeEveryConnection() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none", "--connections-per-network", "3")
        // Three connections that say nothing; while they last, a fourth gets no answer.
        let outcome = try Program.shell(
            """
            for n in 1 2 3; do (sleep 5 | openssl s_client -quiet -no_ign_eof -connect localhost:\(server.port) >held$n 2>&1) & done
            until [ "$(grep -l CN held1 held2 held3 2>/dev/null | wc -l)" = 3 ]; do sleep 0.1; done
            curl -sk --max-time 5 https://localhost:\(server.port)/health/live || echo refused
            wait
            curl -sk --retry 10 --retry-all-errors --retry-delay 1 https://localhost:\(server.port)/health/live
            """, in: folder)
        #expect(outcome.lines.filter { !$0.isEmpty } == ["refused", "ok"], "\(outcome.text) \(outcome.messages)")
        #expect(server.stop().status == 0)
    }

    /// A short run; `scripts/fuzz-api` makes longer ones.
    @Test func noRequestThatTheDocumentAllowsOrForbidsIsAnsweredWithAnythingElseThanItSays() throws {
        let folder = try Folder()
        let outcome = try Program.shell(
            "\(Program.package)/scripts/fuzz-api --program \"$V\" --examples 5 --brief", in: folder, patience: 600)
        #expect(outcome.status == 0, "\(outcome.text.suffix(8000)) \(outcome.messages)")
    }
}
