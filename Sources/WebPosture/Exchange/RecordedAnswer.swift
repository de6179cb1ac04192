import ScanResults

/// The answer to a ``RecordedCase``, one line of JSON.
public enum RecordedAnswer: Encodable, Sendable {
    case outcome(String, ObservatoryTest.Outcome)
    case scan(String, ObservatoryScan)
    case policy(String, ContentSecurityPolicy)
    case site(String, ObservatorySite)
    case grade(String, Double)
    case modifier(String, Int)
    /// The reference would not take the input, or the case cannot be read.
    case refused(String, reason: String)

    private enum CodingKeys: CodingKey {
        case test, result, pass, score_modifier, scan, tests, value, `throws`, message
    }

    private struct Result: Encodable {
        let result: String
        let pass: Bool
        let score_modifier: Int

        init(_ outcome: ObservatoryTest.Outcome) {
            result = outcome.result.rawValue
            pass = outcome.passes
            score_modifier = outcome.result.modifier
        }
    }

    private struct Scan: Encodable {
        let grade: String
        let score, testsPassed, testsFailed: Int
    }

    private struct Grade: Encodable {
        let score: Double
        let grade: String
    }

    private struct Site: Encodable {
        let hostname: String
        let port: Int?
        let path: String
    }

    /// Writes the members that the reference has for this kind of case.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .outcome(let test, let outcome):
            try container.encode(test, forKey: .test)
            try container.encode(outcome.result.rawValue, forKey: .result)
            try container.encode(outcome.passes, forKey: .pass)
            try container.encode(outcome.result.modifier, forKey: .score_modifier)
        case .scan(let test, let scan):
            try container.encode(test, forKey: .test)
            try container.encode(
                Scan(
                    grade: scan.grade.rawValue, score: scan.score, testsPassed: scan.passed,
                    testsFailed: scan.entries.count - scan.passed), forKey: .scan)
            try container.encode(
                Dictionary(uniqueKeysWithValues: scan.entries.map { ($0.test.rawValue, Result($0.outcome)) }),
                forKey: .tests)
        case .policy(let test, let policy):
            var directives = Dictionary(uniqueKeysWithValues: policy.directives.map { ($0.name, $0.sources) })
            if !policy.repeated.isEmpty { directives["_observatory_duplicate_key_warnings"] = policy.repeated }
            try container.encode(test, forKey: .test)
            try container.encode(directives, forKey: .value)
        case .site(let test, let site):
            try container.encode(test, forKey: .test)
            try container.encode(Site(hostname: site.host, port: site.port, path: site.path), forKey: .value)
        case .grade(let test, let score):
            try container.encode(test, forKey: .test)
            try container.encode(
                Grade(score: score, grade: ObservatoryScan.grade(of: Self.whole(score)).rawValue), forKey: .value)
        case .modifier(let test, let modifier):
            try container.encode(test, forKey: .test)
            try container.encode(modifier, forKey: .value)
        case .refused(let test, let reason):
            try container.encode(test, forKey: .test)
            try container.encode(true, forKey: .throws)
            try container.encode(reason, forKey: .message)
        }
    }

    /// A score without what stands behind its point; what is beyond every grade counts as its end.
    private static func whole(_ score: Double) -> Int { score.isNaN ? 0 : Int(min(max(score, 0), 1000)) }
}
