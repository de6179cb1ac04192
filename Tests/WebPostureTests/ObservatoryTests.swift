import ScanResults
import Testing

@testable import WebPosture

/// An answer that is fine but for what a test changes.
private func exchange(
    _ headers: [(String, String)] = [], host: String = "site.example", scheme: String = "https",
    document: String? = nil, meta: [String: [String]]? = nil, cookies: [WebExchange.SeenCookie] = [],
    preflight: [(String, String)] = [], origin: String? = nil, route: [String] = []
) -> WebExchange {
    let answer = WebExchange.Response(
        status: 200, headers: HeaderFields([("Content-Type", "text/html")] + headers), metaHeaders: meta)
    return WebExchange(
        host: host, address: "\(scheme)://\(host)/", answer: answer, overHTTP: answer, overHTTPS: answer,
        preflight: WebExchange.Response(status: 204, headers: HeaderFields(preflight)),
        preflightRequest: HeaderFields(origin.map { [("Origin", $0)] } ?? []),
        route: route.map { WebExchange.Hop(address: $0, status: 301) }, cookies: cookies,
        document: document.map { Array($0.utf8) }, preloaded: PreloadedHosts { _ in nil })
}

@Suite("Judging as Mozilla's Observatory does")
struct ObservatoryTests {
    @Test(
        "a policy's result is the worst thing it allows",
        arguments: [
            ("default-src 'none'", ObservatoryResult.cspDefaultSourceNone),
            ("default-src 'self'", .cspNoUnsafe),
            ("default-src 'self'; style-src 'unsafe-inline'", .cspUnsafeInlineStyle),
            ("default-src 'self'; script-src 'self' 'unsafe-eval'", .cspUnsafeEval),
            ("img-src 'self'", .cspUnsafeInline),
            ("default-src 'self'; img-src http://x.example", .cspInsecurePassive),
            ("default-src 'self'; font-src http://x.example", .cspInsecureScheme),
            // A nonce makes unsafe-inline mean nothing, also where the default governs scripts and styles alike.
            ("default-src 'unsafe-inline' 'nonce-a'", .cspNoUnsafe),
            ("default-src https: 'nonce-a' 'strict-dynamic'", .cspNoUnsafe),
            ("script-src 'strict-dynamic'", .cspInvalid),
            ("default-src 'self'; default-src 'self'", .cspInvalid),
            ("default-src 'none'; report-uri /a; report-uri /b", .cspDuplicateDirectives),
            ("default-src 'none', default-src 'none'", .cspDefaultSourceNone),
            ("short", .cspInvalid), (";;;;;;;", .cspMissing), ("", .cspInvalid),
        ])
    func policies(field: String, result: ObservatoryResult) {
        #expect(PolicyJudgement(exchange([("Content-Security-Policy", field)])).outcome.result == result)
    }

    @Test(
        "several policies allow what each of them allows",
        arguments: [
            (["default-src https://a.example", "default-src https://b.example"], ["'none'"]),
            (["default-src https://a.example/x/", "default-src https://a.example/x/y/"], ["https://a.example/x/y/"]),
            (
                ["default-src 'self' https://a.example", "default-src https://a.example 'self'"],
                ["'self'", "https://a.example"]
            ),
            (["default-src 'self'", "default-src 'self'", "default-src 'none'"], ["'self'"]),
        ])
    func intersections(policies: [String], sources: [String]) throws {
        #expect(try ContentSecurityPolicy(policies)["default-src"] == sources)
    }

    @Test("a broken percent escape is refused where paths are compared")
    func brokenEscape() {
        let policies = ["img-src https://a.example/%zz", "img-src https://a.example/%zz"]
        #expect(throws: ContentSecurityPolicy.Fault.self) { try ContentSecurityPolicy(policies) }
    }

    @Test("policies without end are refused instead of read")
    func hugePolicy() {
        let sources = "default-src " + (0..<20_000).map { "https://h\($0).example" }.joined(separator: " ")
        #expect(throws: ContentSecurityPolicy.Fault.self) { try ContentSecurityPolicy([sources]) }
    }

    @Test(
        "where the original is wrong, people are told what is right",
        arguments: [
            (
                exchange([("Strict-Transport-Security", "max-age=")]), ObservatoryTest.strictTransportSecurity,
                ObservatoryResult.hstsLong, ObservatoryResult.hstsInvalid
            ),
            (
                exchange([("Content-Security-Policy", "default-src 'self'; frame-ancestors *")]), .frameOptions,
                .framingByCSP, .framingMissing
            ),
            (
                exchange(
                    [("Content-Security-Policy", "default-src 'self'")],
                    meta: ["content-security-policy": ["default-src 'self'; frame-ancestors 'none'"]]), .frameOptions,
                .framingByCSP, .framingMissing
            ),
            (
                exchange(document: "<script src=\"HTTPS://cdn.other.example/x.js\"></script>"), .subresourceIntegrity,
                .integrityOwnScripts, .integrityMissing
            ),
        ])
    func corrections(
        exchange: WebExchange, test: ObservatoryTest, original: ObservatoryResult, corrected: ObservatoryResult
    ) throws {
        #expect(try test.judge(exchange, as: .original).result == original)
        #expect(try test.judge(exchange, as: .corrected).result == corrected)
    }

    @Test("an origin that is sent back together with credentials lets everybody in")
    func universalAccess() throws {
        let open = exchange(
            preflight: [
                ("Access-Control-Allow-Origin", "https://o.example"), ("Access-Control-Allow-Credentials", "true"),
            ],
            origin: "https://o.example")
        #expect(try ObservatoryTest.crossOriginResourceSharing.judge(open, as: .corrected).result == .sharingUniversal)
    }

    @Test(
        "the way to HTTPS is judged step by step",
        arguments: [
            (["http://site.example/", "https://site.example/"], ObservatoryResult.redirectionToHTTPS),
            (["http://site.example/"], .redirectionMissing),
            (["http://site.example/", "https://www.site.example/"], .redirectionOffHost),
            (["http://site.example/", "http://www.site.example/", "https://www.site.example/"], .redirectionLate),
            (["http://site.example/", "https://site.example/", "http://site.example/x"], .redirectionNotToHTTPS),
            ([], .redirectionPreloaded),
        ])
    func redirections(route: [String], result: ObservatoryResult) throws {
        #expect(try ObservatoryTest.redirection.judge(exchange(route: route), as: .original).result == result)
    }

    @Test("a step to a name without a point makes the original give up, and nobody else")
    func singleLabel() throws {
        let route = exchange(route: ["http://localhost/", "https://localhost/"])
        #expect(throws: ObservatoryTest.Refusal.self) { try ObservatoryTest.redirection.judge(route, as: .original) }
        #expect(try ObservatoryTest.redirection.judge(route, as: .corrected).result == .redirectionToHTTPS)
    }

    @Test(
        "grades follow the score in steps of five",
        arguments: [
            (135, "A+"), (100, "A+"), (99, "A"), (90, "A"), (89, "A-"), (84, "B+"), (70, "B"), (69, "B-"), (64, "C+"),
            (50, "C"), (49, "C-"), (44, "D+"), (30, "D"), (29, "D-"), (24, "F"), (0, "F"), (-10, "F"),
        ])
    func grades(score: Int, grade: String) { #expect(ObservatoryScan.grade(of: score).rawValue == grade) }

    @Test("bonuses count only from 90 on without them")
    func bonuses() throws {
        // Everything is missing but one header that would earn 10.
        let poor = try ObservatoryScan(
            exchange([("Cross-Origin-Opener-Policy", "same-origin")], route: ["http://site.example/"]), as: .corrected)
        #expect(poor.score == 100 - 25 - 20 - 20 - 5 - 20)
    }

    @Test("an answer that says nothing about the site is not judged", arguments: [404, 406, 500, 503])
    func statuses(status: Int) {
        let answer = WebExchange.Response(status: status, headers: HeaderFields())
        let down = WebExchange(
            host: "a.example", address: "https://a.example/", answer: answer, overHTTP: nil, overHTTPS: answer,
            preflight: nil)
        #expect(throws: ObservatoryTest.Refusal.self) { try ObservatoryScan(down, as: .corrected) }
    }
}
