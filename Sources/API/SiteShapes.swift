import Kernel
import Routing
import ScanResults

extension Shapes {
    private static let kind = Schema.choice(ScanSummary.Kind.allCases.map(\.rawValue))
    private static let grade = Schema.choice(ScanGrade.allCases.map(\.rawValue))

    static let siteRequest = Schema.object(
        "SiteRequest",
        [
            Field("address", .string()),
            Field("kinds", .array(kind), optional: true),
        ])

    private static let scanEntry = Schema.object(
        "ScanEntry",
        [
            Field("id", .string(format: "uuid")), Field("kind", kind), Field("finishedAt", .time),
            Field("grade", grade, optional: true), Field("score", .integer(minimum: 0), optional: true),
            Field("counts", .map(.integer(minimum: 0))),
        ])

    static let site = Schema.object(
        "Site",
        [
            Field("id", .string(format: "uuid")), Field("name", .string()), Field("address", .string()),
            Field("isInternal", .boolean), Field("sendsFields", .boolean), Field("kinds", .array(kind)),
            Field("registeredAt", .time), Field("scans", .array(scanEntry)),
            Field("results", .map(.integer(minimum: 0))),
        ])

    private static let finding = Schema.object(
        "Finding",
        [
            Field("rule", .string()), Field("title", .string()), Field("severity", severity),
            Field("message", .string()),
            Field(
                "location",
                .object("FindingLocation", [Field("address", .string()), Field("part", .string(), optional: true)])),
            Field("evidence", .string(), optional: true),
            Field(
                "fix", .object("Fix", [Field("advice", .string()), Field("snippets", .map(.string()))]),
                optional: true),
            Field("weakness", .integer(), optional: true), Field("zapRule", .integer(), optional: true),
            Field("fingerprint", .string()),
        ])

    private static let scanSummary = Schema.object(
        "ScanSummary",
        [
            Field("kind", kind), Field("target", .string()), Field("startedAt", .time), Field("finishedAt", .time),
            Field("grade", grade, optional: true), Field("score", .integer(minimum: 0), optional: true),
            Field("findings", .array(finding)), Field("remarks", .array(.string())),
        ])

    private static let comparison = Schema.object(
        "ScanComparison",
        [
            Field(
                "entries",
                .array(
                    .object(
                        "ComparedFinding",
                        [
                            Field("state", .choice(ScanComparison.State.allCases.map(\.rawValue))),
                            Field("finding", finding),
                        ]))),
            Field("earlierGrade", grade, optional: true), Field("grade", grade, optional: true),
        ])

    static let siteDetail = Schema.object(
        "SiteDetail",
        [
            Field("site", site), Field("checks", .array(subjectCheck)),
            Field(
                "newest",
                .array(
                    .object(
                        "ScanResult",
                        [
                            Field("scan", scanEntry), Field("summary", scanSummary),
                            Field("comparison", comparison, optional: true),
                            Field("comparedTo", .time, optional: true),
                        ]))), Field("history", .array(scanEntry)),
        ])
}
