import Kernel
import ScanResults

/// What a scan of a site's web posture tells besides findings.
public struct WebDetails: Hashable, Sendable, Codable {
    /// One test and its result.
    public struct Test: Hashable, Sendable, Codable {
        /// The result's name.
        public let result: String
        /// Whether it is good enough.
        public let pass: Bool
        /// What it adds to the score.
        public let scoreModifier: Int
        /// What it means.
        public let description: String

        private enum CodingKeys: String, CodingKey {
            case result, pass, description
            case scoreModifier = "score_modifier"
        }

        init(_ outcome: ObservatoryTest.Outcome) {
            result = outcome.result.rawValue
            pass = outcome.passes
            scoreModifier = outcome.result.modifier
            description = WebWords.sentence(of: outcome.result)
        }
    }

    /// How Mozilla's Observatory itself would judge, where that is not the same.
    public struct Original: Hashable, Sendable, Codable {
        /// Its grade.
        public let grade: ScanGrade
        /// Its score, 0 or more; good configurations have up to 145.
        public let score: Int
        /// The tests that it judges otherwise.
        public let tests: [String: Test]
    }

    /// The version of the algorithm.
    public let algorithmVersion: Int
    /// The status of the answer that was judged.
    public let statusCode: Int
    /// Each step from plain HTTP on.
    public let redirects: [String]
    /// How many tests passed and failed.
    public let testsPassed, testsFailed: Int
    /// Every test by its name.
    public let tests: [String: Test]
    /// `nil` where the original agrees.
    public let original: Original?
}

extension ScanReport<WebDetails> {
    /// Judges an exchange for people: corrected, and with a word on where the original would say otherwise.
    ///
    /// - Parameters:
    ///   - exchange: What was asked and answered. Its preflight request must say what was really sent.
    ///   - target: The address as the person named it.
    /// - Throws: `Problem` `scan.status` (unavailable) where nothing answered, or with a status that says nothing about the site.
    public init(
        judging exchange: WebExchange, target: String, from start: Instant, to end: Instant, remarks: [String] = []
    ) throws(Problem) {
        let scan: ObservatoryScan
        do throws(ObservatoryTest.Refusal) {
            scan = try ObservatoryScan(exchange, as: .corrected)
        } catch {
            throw Problem(
                .unavailable, code: "scan.status", error.reason,
                hint: "Only answers with 2xx, 3xx, 401 and 403 say something about a site; try the address of a page.")
        }
        let original = Self.original(of: exchange, unlike: scan)
        var remarks = remarks
        for (name, test) in (original?.tests ?? [:]).sorted(by: { $0.key < $1.key }) {
            remarks.append("Mozilla's Observatory takes \(name) for \(test.result), a known mistake of its own.")
        }
        self.init(
            ScanSummary(
                .web, of: target, from: start, to: end, grade: scan.grade, score: scan.score,
                findings: WebFindings.all(of: scan, in: exchange), remarks: remarks),
            details: WebDetails(
                algorithmVersion: ObservatoryScan.algorithmVersion, statusCode: exchange.answer?.status ?? 0,
                redirects: exchange.route.map(\.address), testsPassed: scan.passed,
                testsFailed: scan.entries.count - scan.passed,
                tests: Dictionary(
                    uniqueKeysWithValues: scan.entries.map { ($0.test.rawValue, WebDetails.Test($0.outcome)) }),
                original: original))
    }

    private static func original(of exchange: WebExchange, unlike scan: ObservatoryScan) -> WebDetails.Original? {
        // Its live scanner cannot read what it sent, and so never finds that every origin is let in.
        let seen = exchange.withoutPreflightRequest
        guard let original = try? ObservatoryScan(seen, as: .original) else { return nil }
        let differing = original.entries.filter { $0.outcome != scan.outcome(of: $0.test) }
        guard !differing.isEmpty else { return nil }
        return WebDetails.Original(
            grade: original.grade, score: original.score,
            tests: Dictionary(
                uniqueKeysWithValues: differing.map { ($0.test.rawValue, WebDetails.Test($0.outcome)) }))
    }
}
