/// Judges the cookies that a site set.
enum CookieJudgement {
    /// Set by a load balancer that its customers cannot change.
    private static let ignored: Set = ["heroku-session-affinity"]

    private static let order: [ObservatoryResult] = [
        .cookiesInsecureButHSTS, .cookiesInsecure, .cookiesSessionInsecureButHSTS, .cookiesSameSiteInvalid,
        .cookiesForgeryTokenWithoutSameSite, .cookiesSessionReadable, .cookiesSessionInsecure,
    ]

    static func outcome(_ exchange: WebExchange, as manner: ObservatoryTest.Manner) -> ObservatoryTest.Outcome {
        let cookies = exchange.cookies.filter { !$0.name.isEmpty && !ignored.contains($0.name) }
        guard !cookies.isEmpty else { return ObservatoryTest.Outcome(.cookiesNotFound, passes: true) }
        let isProtected = TransportJudgement.outcome(exchange, as: manner).passes
        var result: ObservatoryResult?
        let raw = exchange.answer?.headers["set-cookie"] ?? []
        if raw.contains(where: hasInvalidSameSite) { result = .cookiesSameSiteInvalid }
        for problem in cookies.flatMap({ problems(of: $0, isProtected: isProtected) }) {
            result = .worse(problem, result, of: order)
        }
        let best: ObservatoryResult =
            cookies.allSatisfy { $0.sameSite?.isEmpty == false } ? .cookiesWithSameSite : .cookiesSecure
        return ObservatoryTest.Outcome(result ?? best, passingFor: [.cookiesWithSameSite, .cookiesSecure])
    }

    /// What is wrong with one cookie.
    static func problems(of cookie: WebExchange.SeenCookie, isProtected: Bool) -> [ObservatoryResult] {
        let name = cookie.name.lowercased()
        let isSession = name.contains("login") || name.contains("sess")
        let hasSameSite = cookie.sameSite?.isEmpty == false
        var found: [ObservatoryResult] = []
        if !cookie.isSecure {
            if cookie.sameSite?.lowercased() == "none" { found.append(.cookiesSameSiteInvalid) }
            found.append(isProtected ? .cookiesInsecureButHSTS : .cookiesInsecure)
            if isSession { found.append(isProtected ? .cookiesSessionInsecureButHSTS : .cookiesSessionInsecure) }
        }
        if name.contains("csrf"), !hasSameSite { found.append(.cookiesForgeryTokenWithoutSameSite) }
        if isSession, !cookie.isHTTPOnly { found.append(.cookiesSessionReadable) }
        return found
    }

    /// Tells whether a Set-Cookie field has a SameSite that is none of the three.
    static func hasInvalidSameSite(_ field: String) -> Bool {
        field.trimmedAsJavaScript.split(separator: ";", omittingEmptySubsequences: false).contains { part in
            let pieces = part.trimmedAsJavaScript.split(separator: "=", omittingEmptySubsequences: false)
            guard pieces.first?.trimmedAsJavaScript.lowercased() == "samesite" else { return false }
            let value = pieces.count > 1 ? pieces[1].trimmedAsJavaScript.lowercased() : ""
            return !["lax", "strict", "none"].contains(value)
        }
    }
}
