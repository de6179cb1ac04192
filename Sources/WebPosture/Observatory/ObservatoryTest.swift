/// The twelve tests of Mozilla's HTTP Observatory, in the order in which it runs them; the raw value is its name for the test.
public enum ObservatoryTest: String, Sendable, Codable, CaseIterable {
    case contentSecurityPolicy = "content-security-policy"
    case cookies
    case crossOriginResourceSharing = "cross-origin-resource-sharing"
    case redirection
    case referrerPolicy = "referrer-policy"
    case strictTransportSecurity = "strict-transport-security"
    case subresourceIntegrity = "subresource-integrity"
    case contentTypeOptions = "x-content-type-options"
    case frameOptions = "x-frame-options"
    case crossOriginResourcePolicy = "cross-origin-resource-policy"
    case crossOriginEmbedderPolicy = "cross-origin-embedder-policy"
    case crossOriginOpenerPolicy = "cross-origin-opener-policy"

    /// Whose judgement is asked for.
    public enum Manner: Sendable, Hashable {
        /// As the Observatory itself judges, its known mistakes included.
        case original
        /// Without those mistakes: for people who want to know how things are.
        case corrected
    }

    /// What one test found.
    public struct Outcome: Hashable, Sendable, Codable {
        /// The result.
        public let result: ObservatoryResult
        /// Whether that is good enough.
        public let passes: Bool

        init(_ result: ObservatoryResult, passes: Bool) {
            self.result = result
            self.passes = passes
        }

        /// A result that passes if it is one of those.
        init(_ result: ObservatoryResult, passingFor good: Set<ObservatoryResult>) {
            self.init(result, passes: good.contains(result))
        }
    }

    /// That the reference takes this exchange for no input of its own, and gives no result.
    public struct Refusal: Error, Hashable {
        /// A sentence without a full stop.
        public let reason: String
    }

    /// Judges one exchange.
    ///
    /// - Throws: ``Refusal`` in the manner of the original only, where that gives up.
    public func judge(_ exchange: WebExchange, as manner: Manner) throws(Refusal) -> Outcome {
        switch self {
        case .contentSecurityPolicy: PolicyJudgement(exchange).outcome
        case .cookies: CookieJudgement.outcome(exchange, as: manner)
        case .crossOriginResourceSharing: SharingJudgement.outcome(exchange)
        case .redirection: try RedirectionJudgement.outcome(exchange, as: manner)
        case .referrerPolicy: ReferrerJudgement.outcome(exchange)
        case .strictTransportSecurity: TransportJudgement.outcome(exchange, as: manner)
        case .subresourceIntegrity: try IntegrityJudgement.outcome(exchange, as: manner)
        case .contentTypeOptions: SniffingJudgement.outcome(exchange)
        case .frameOptions: FramingJudgement.outcome(exchange, as: manner)
        case .crossOriginResourcePolicy: ResourcePolicyJudgement.outcome(exchange)
        case .crossOriginEmbedderPolicy: IsolationJudgement.embedder.outcome(exchange)
        case .crossOriginOpenerPolicy: IsolationJudgement.opener.outcome(exchange)
        }
    }
}
