import Kernel

/// Findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS), as code hosts and dashboards read them.
public struct SARIFLog: Encodable, Sendable {
    /// Writes a scan down, compared with an earlier one if there is one.
    ///
    /// - Parameters:
    ///   - summary: What the scan found.
    ///   - comparison: How it stands to the earlier scan; each result then says so, and those that are gone are named.
    ///   - version: The version of this program.
    public init(_ summary: ScanSummary, comparedBy comparison: ScanComparison? = nil, version: String) {
        let entries: [(state: ScanComparison.State?, finding: Finding)] =
            comparison?.entries.map { ($0.state, $0.finding) } ?? summary.findings.map { (nil, $0) }
        var rules: [Rule] = []
        var places: [String: Int] = [:]
        let results = entries.map { entry in
            let finding = entry.finding
            let index = places[finding.rule] ?? rules.count
            if index == rules.count {
                places[finding.rule] = index
                rules.append(Rule(finding))
            }
            return Result(finding, ruleIndex: index, state: entry.state)
        }
        runs = [
            Run(
                tool: Tool(
                    driver: Driver(name: "Vouchsafe", version: version, semanticVersion: version, rules: rules)),
                invocations: [
                    Invocation(
                        executionSuccessful: true, startTimeUtc: summary.startedAt.description,
                        endTimeUtc: summary.finishedAt.description,
                        toolExecutionNotifications: summary.remarks.map {
                            Notification(level: "note", message: Message(text: $0))
                        })
                ],
                automationDetails: Automation(
                    id:
                        "\(summary.kind.rawValue)/\(summary.target.hasSuffix("/") ? summary.target : "\(summary.target)/")"
                ), results: results)
        ]
    }

    private let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    private let version = "2.1.0"
    private let runs: [Run]

    private enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    private struct Run: Encodable {
        let tool: Tool
        let invocations: [Invocation]
        let automationDetails: Automation
        let results: [Result]
    }

    private struct Tool: Encodable { let driver: Driver }

    private struct Driver: Encodable {
        let name, version, semanticVersion: String
        let rules: [Rule]
    }

    private struct Invocation: Encodable {
        let executionSuccessful: Bool
        let startTimeUtc, endTimeUtc: String
        let toolExecutionNotifications: [Notification]
    }

    private struct Notification: Encodable {
        let level: String
        let message: Message
    }

    private struct Automation: Encodable { let id: String }

    fileprivate struct Message: Encodable { let text: String }

    private struct Rule: Encodable {
        let id: String
        let shortDescription: Message
        let help: Message?
        let defaultConfiguration: Configuration
        let properties: RuleProperties

        init(_ finding: Finding) {
            id = finding.rule
            shortDescription = Message(text: finding.title)
            help = finding.fix.map { Message(text: $0.advice) }
            defaultConfiguration = Configuration(level: finding.severity.level)
            properties = RuleProperties(
                securitySeverity: finding.severity.score,
                tags: ["security"] + (finding.weakness.map { ["external/cwe/cwe-\($0)"] } ?? []),
                zapRule: finding.zapRule)
        }
    }

    private struct Configuration: Encodable { let level: String }

    private struct RuleProperties: Encodable {
        let securitySeverity: String
        let tags: [String]
        let zapRule: Int?

        private enum CodingKeys: String, CodingKey {
            // The name by which code hosts know it.
            case securitySeverity = "security-severity"
            case tags, zapRule
        }
    }

    private struct Result: Encodable {
        let ruleId: String
        let ruleIndex: Int
        let level: String
        let message: Message
        let locations: [Location]
        let partialFingerprints: [String: String]
        let baselineState: String?
        let properties: ResultProperties

        init(_ finding: Finding, ruleIndex: Int, state: ScanComparison.State?) {
            ruleId = finding.rule
            self.ruleIndex = ruleIndex
            level = finding.severity.level
            message = Message(text: finding.message)
            locations = [Location(finding.location)]
            partialFingerprints = ["vouchsafe/v1": finding.fingerprint]
            baselineState = state?.rawValue
            properties = ResultProperties(
                severity: finding.severity.rawValue, evidence: finding.evidence, fix: finding.fix)
        }
    }

    private struct ResultProperties: Encodable {
        let severity: String
        let evidence: String?
        let fix: Fix?
    }

    private struct Location: Encodable {
        let physicalLocation: Physical
        let logicalLocations: [Logical]?

        init(_ location: Finding.Location) {
            // A server's name and port are no address of their own; a scheme in front makes them one.
            let isAddress = location.address.contains("://")
            let uri = isAddress ? location.address : "tls://\(location.address)"
            physicalLocation = Physical(artifactLocation: Artifact(uri: uri))
            logicalLocations = location.part.map { [Logical(name: $0)] }
        }
    }

    private struct Physical: Encodable { let artifactLocation: Artifact }
    private struct Artifact: Encodable { let uri: String }
    private struct Logical: Encodable { let name: String }
}

extension Severity {
    /// SARIF's level (2.1.0 §3.27.10).
    fileprivate var level: String {
        switch self {
        case .informational: "note"
        case .low, .medium: "warning"
        case .high, .critical: "error"
        }
    }

    /// The number by which code hosts tell severities apart, within the bands of CVSS.
    fileprivate var score: String {
        switch self {
        case .informational: "0.0"
        case .low: "3.0"
        case .medium: "5.5"
        case .high: "8.0"
        case .critical: "9.5"
        }
    }
}
