import Kernel
import Routing
import Verdicts

/// The shapes of what the API sends and takes; each mirrors a value of Wire.
enum Shapes {
    typealias Field = Schema.Field

    static let verdict = Schema.choice(Verdict.allCases.map(\.rawValue))
    static let result = Schema.choice(CheckResult.allCases.map(\.rawValue))

    static let counts = Schema.object(
        "VerdictCounts", Verdict.allCases.map { Field($0.rawValue, .integer(minimum: 0)) })

    static let exception = Schema.object(
        "Exception",
        [
            Field("id", .string(format: "uuid")), Field("reason", .string()),
            Field("requestedBy", .string(), optional: true), Field("approvedBy", .string(), optional: true),
            Field("grantedAt", .time), Field("until", .time),
        ])

    static let commitmentStatus = Schema.object(
        "CommitmentStatus",
        [
            Field("policy", .string()), Field("id", .string()), Field("section", .string()),
            Field("summary", .string()),
            Field("owner", .string()), Field("verdict", verdict), Field("since", .nullable(.time)),
            Field("observedAt", .nullable(.time)), Field("validUntil", .nullable(.time)),
            Field("reason", .string()), Field("exception", .nullable(exception)),
        ])

    static let status = Schema.object(
        "Status",
        [Field("asOf", .time), Field("counts", counts), Field("commitments", .array(commitmentStatus))])

    static let evidence = Schema.object("Evidence", [Field("source", .string()), Field("content", .string())])

    static let standing = Schema.object(
        "SubjectStanding",
        [
            Field("subject", .string(format: "uuid")), Field("name", .string()), Field("kind", .string()),
            Field("result", result, optional: true), Field("isFresh", .boolean),
            Field("value", .string(), optional: true), Field("observedAt", .time, optional: true),
            Field("expiresAt", .time, optional: true), Field("evidence", .array(evidence)),
            Field("fix", .string(), optional: true),
        ])

    static let check = Schema.object(
        "CheckDetail",
        [
            Field("id", .string()), Field("title", .string()), Field("measures", .string()),
            Field("population", .string()), Field("threshold", .string()), Field("freshness", .string()),
            Field("verdict", verdict), Field("missing", .string(), optional: true), Field("subjects", .array(standing)),
        ])

    static let commitment = Schema.object(
        "CommitmentDetail",
        [
            Field("status", commitmentStatus), Field("policyTitle", .string()), Field("wording", .array(.string())),
            Field("defect", .string(), optional: true),
            Field(
                "controls",
                .array(.object("Controls", [Field("framework", .string()), Field("references", .array(.string()))]))),
            Field("checks", .array(check)),
            Field(
                "history",
                .array(
                    .object(
                        "VerdictChange",
                        [
                            Field("at", .time), Field("verdict", verdict), Field("reason", .string()),
                            Field("check", .string(), optional: true), Field("subject", .string(), optional: true),
                        ]))),
            Field(
                "shares",
                .array(
                    .object(
                        "ShareOfTime",
                        [
                            Field("days", .integer(minimum: 1)), Field("kept", .number), Field("broken", .number),
                            Field("stale", .number), Field("unproven", .number),
                        ]))),
            Field("exceptions", .array(exception)),
            Field(
                "proof",
                .object(
                    "ProofSummary",
                    [
                        Field("entry", .integer(minimum: 0)), Field("verdict", verdict), Field("asOf", .time),
                        Field("validUntil", .time),
                    ]), optional: true),
        ])

    static let host = Schema.object(
        "Host",
        [
            Field("id", .string(format: "uuid")), Field("name", .string()), Field("enrolledAt", .time),
            Field("observedAt", .time, optional: true), Field("results", .map(.integer(minimum: 0))),
        ])

    static let reference = Schema.object(
        "CommitmentReference",
        [
            Field("policy", .string()), Field("id", .string()), Field("summary", .string()), Field("verdict", verdict),
        ])

    static let subjectCheck = Schema.object(
        "SubjectCheck",
        [
            Field("id", .string()), Field("title", .string()), Field("standing", standing),
            Field("commitments", .array(reference)),
        ])

    static let hostDetail = Schema.object(
        "HostDetail", [Field("host", host), Field("checks", .array(subjectCheck))])

    static let policy = Schema.object(
        "Policy",
        [
            Field("id", .string()), Field("title", .string()), Field("issuer", .string()), Field("version", .string()),
            Field("sha256", .string()), Field("importedAt", .time), Field("hasText", .boolean), Field("counts", counts),
        ])

    static let policyDetail = Schema.object(
        "PolicyDetail",
        [
            Field("policy", policy),
            Field(
                "spans",
                .array(
                    .object(
                        "Span",
                        [
                            Field("start", .integer(minimum: 0)), Field("end", .integer(minimum: 0)),
                            Field("class", .choice(["commitment", "context", "unprovable"])),
                            Field("text", .string(), optional: true), Field("endsParagraph", .boolean),
                            Field("reason", .string(), optional: true), Field("commitments", .array(reference)),
                        ]))),
            Field("defects", .array(.string())),
        ])

    static let ledger = Schema.object(
        "LedgerPage",
        [
            Field("origin", .string()), Field("verificationKey", .string()), Field("size", .integer(minimum: 0)),
            Field("checkpoint", .string(), optional: true),
            Field(
                "entries",
                .array(
                    .object(
                        "LedgerEntry",
                        [
                            Field("index", .integer(minimum: 0)), Field("at", .time), Field("actor", .string()),
                            Field("action", .string()), Field("subject", .string()),
                            Field("rows", .integer(minimum: 0)),
                        ]))),
            Field("next", .integer(minimum: 0), optional: true),
        ])

    static let settings = Schema.object(
        "Settings",
        [
            Field("organisation", .string()), Field("slug", .string()), Field("database", .string()),
            Field("dataKey", .string()), Field("certificateExpiresAt", .time, optional: true),
            Field("people", .integer(minimum: 0)), Field("version", .string()),
            Field("outsiders", outsiders, optional: true), Field("identityProvider", .string(), optional: true),
        ])

    private static let outsiders = Schema.object(
        "Outsiders",
        [
            Field(
                "holders",
                .array(
                    .object(
                        "Holder",
                        [
                            Field("name", .string()), Field("key", .string()), Field("entries", .integer(minimum: 0)),
                            Field("at", .time),
                        ]))),
            Field("asked", .integer(minimum: 0)), Field("contradicting", .array(.string())),
            Field("logOrigin", .string()), Field("logKey", .string()),
        ])

    static let catalogueEntry = Schema.object(
        "Check",
        [
            Field("id", .string()), Field("title", .string()), Field("measures", .string()),
            Field("population", .string()), Field("cadence", .string()), Field("freshness", .string()),
        ])

    static let trust = Schema.object(
        "TrustPage",
        [
            Field("organisation", .string()), Field("slug", .string()), Field("publishedAt", .time),
            Field("origin", .string()), Field("verificationKey", .string()),
            Field(
                "policies",
                .array(
                    .object(
                        "PublishedPolicy",
                        [
                            Field("id", .string()), Field("title", .string()), Field("version", .string()),
                            Field("sha256", .string()), Field("commitments", .array(published)),
                        ]))),
            Field("outsiders", outsiders, optional: true),
        ])

    private static let published = Schema.object(
        "PublishedCommitment",
        [
            Field("id", .string()), Field("section", .string()), Field("summary", .string()), Field("verdict", verdict),
            Field("since", .time, optional: true), Field("observedAt", .time, optional: true),
            Field("validUntil", .time, optional: true), Field("reason", .string()),
            Field("exceptionUntil", .time, optional: true),
            Field("keptShare", .number, optional: true),
        ])

    static let exceptionRequest = Schema.object(
        "ExceptionRequest", [Field("reason", .string()), Field("until", .time)])

    static let exceptionAnswer = Schema.object(
        "ExceptionAnswer", [Field("id", .string(format: "uuid")), Field("approved", .boolean), Field("until", .time)])

    static let policyImport = Schema.object(
        "PolicyImport", [Field("pack", .string()), Field("text", .string(), optional: true)])

    static let policyDifference = Schema.object(
        "PolicyDifference",
        [
            Field("kept", .integer(minimum: 0)), Field("changed", .integer(minimum: 0)),
            Field("new", .integer(minimum: 0)), Field("withdrawn", .integer(minimum: 0)),
        ])
}
