import Kernel
import ScanResults

/// Turns what the tests found into findings: one for each test that is not as good as it could be, for cookies one for each
/// cookie and result.
enum WebFindings {
    static func all(of scan: ObservatoryScan, in exchange: WebExchange) -> [Finding] {
        scan.entries.flatMap { entry in
            entry.test == .cookies ? cookies(in: exchange) : one(entry, in: exchange).map { [$0] } ?? []
        }
    }

    private static func one(_ entry: ObservatoryScan.Entry, in exchange: WebExchange) -> Finding? {
        finding(entry.outcome.result, of: entry.test, in: exchange, evidence: evidence(of: entry.test, in: exchange))
    }

    private static func finding(
        _ result: ObservatoryResult, of test: ObservatoryTest, in exchange: WebExchange, part: String? = nil,
        evidence: String?
    ) -> Finding? {
        guard let severity = WebWords.severity(of: result) else { return nil }
        return Finding(
            rule: "web.\(test.rawValue)", title: WebWords.title(of: test), severity: severity,
            WebWords.sentence(of: result), at: Finding.Location(exchange.address ?? exchange.host, part: part),
            evidence: evidence, fix: WebFixes.fix(for: result), weakness: WebWords.weakness(of: test))
    }

    private static func cookies(in exchange: WebExchange) -> [Finding] {
        let isProtected = TransportJudgement.outcome(exchange, as: .corrected).passes
        let raw = exchange.answer?.headers["set-cookie"] ?? []
        return exchange.cookies.compactMap { cookie in
            var problems = CookieJudgement.problems(of: cookie, isProtected: isProtected)
            let field = raw.first { $0.hasPrefix("\(cookie.name)=") }
            if let field, CookieJudgement.hasInvalidSameSite(field) { problems.append(.cookiesSameSiteInvalid) }
            if problems.isEmpty, cookie.sameSite == nil { problems = [.cookiesSecure] }
            // One finding a cookie, named by the worst: setting it rightly mends all of them.
            guard let worst = problems.min(by: { $0.modifier < $1.modifier }) else { return nil }
            return finding(worst, of: .cookies, in: exchange, part: cookie.name, evidence: nil)
        }
    }

    /// What was sent, where that says more than the sentence.
    private static func evidence(of test: ObservatoryTest, in exchange: WebExchange) -> String? {
        let field: String
        var response = exchange.answer
        switch test {
        case .contentSecurityPolicy: field = "content-security-policy"
        case .strictTransportSecurity: (field, response) = ("strict-transport-security", exchange.overHTTPS)
        case .crossOriginResourceSharing: (field, response) = ("access-control-allow-origin", exchange.preflight)
        case .referrerPolicy: field = "referrer-policy"
        case .contentTypeOptions: field = "x-content-type-options"
        case .frameOptions: field = "x-frame-options"
        case .crossOriginResourcePolicy: field = "cross-origin-resource-policy"
        case .crossOriginEmbedderPolicy: field = "cross-origin-embedder-policy"
        case .crossOriginOpenerPolicy: field = "cross-origin-opener-policy"
        case .redirection: return exchange.route.isEmpty ? nil : exchange.route.map(\.address).joined(separator: " → ")
        case .cookies, .subresourceIntegrity: return nil
        }
        return response?.headers.first(field).map { "\(field): \($0)" }
    }
}
