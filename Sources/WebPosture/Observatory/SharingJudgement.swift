/// Judges what other origins may read (Fetch §3.2), by the answer to a preflight request.
enum SharingJudgement {
    static func outcome(_ exchange: WebExchange) -> ObservatoryTest.Outcome {
        let headers = exchange.preflight?.headers
        guard let allowed = headers?.first("access-control-allow-origin"), !allowed.isEmpty else {
            return ObservatoryTest.Outcome(.sharingMissing, passes: true)
        }
        let mayCarryCredentials =
            headers?.first("access-control-allow-credentials")?.lowercased().trimmedAsJavaScript == "true"
        if allowed.prefixAsJavaScript(256).trimmedAsJavaScript == "*" {
            return ObservatoryTest.Outcome(.sharingPublic, passes: true)
        }
        if mayCarryCredentials, exchange.preflightRequest.first("origin") == allowed {
            return ObservatoryTest.Outcome(.sharingUniversal, passes: false)
        }
        return ObservatoryTest.Outcome(.sharingRestricted, passes: true)
    }
}
