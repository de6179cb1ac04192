/// Judges the way from plain HTTP to HTTPS.
enum RedirectionJudgement {
    static func outcome(
        _ exchange: WebExchange, as manner: ObservatoryTest.Manner
    ) throws(ObservatoryTest.Refusal) -> ObservatoryTest.Outcome {
        ObservatoryTest.Outcome(
            try result(exchange, as: manner),
            passingFor: [.redirectionNoHTTP, .redirectionPreloaded, .redirectionToHTTPS])
    }

    private static func result(
        _ exchange: WebExchange, as manner: ObservatoryTest.Manner
    ) throws(ObservatoryTest.Refusal) -> ObservatoryResult {
        guard let answer = exchange.overHTTP else { return .redirectionNoHTTP }
        guard answer.isVerified else { return .redirectionInvalidCertificate }
        let route = exchange.route.map { WebAddress(WebAddress.withoutCredentials($0.address)) }
        if try isPreloaded(route, by: exchange.preloaded, as: manner) { return .redirectionPreloaded }
        guard route.count > 1 else { return .redirectionMissing }
        guard route.last??.scheme == .https else { return .redirectionNotToHTTPS }
        if route[1]?.scheme == .http { return .redirectionLate }
        if route[0]?.scheme == .http, route[1]?.scheme == .https, route[0]?.host != route[1]?.host {
            return .redirectionOffHost
        }
        return .redirectionToHTTPS
    }

    /// Tells whether a browser would go over HTTPS at each step without being told; so it does for no steps at all.
    private static func isPreloaded(
        _ route: [WebAddress?], by preloaded: PreloadedHosts, as manner: ObservatoryTest.Manner
    ) throws(ObservatoryTest.Refusal) -> Bool {
        for step in route {
            let host = step?.host ?? ""
            if manner == .original {
                // It takes each step's host for a site of its own, and gives up on a name without a point.
                do throws(ObservatorySite.Fault) { _ = try ObservatorySite(host) } catch {
                    throw ObservatoryTest.Refusal(reason: error.reason)
                }
            }
            guard preloaded.entry(covering: host) != nil else { return false }
        }
        return true
    }
}
