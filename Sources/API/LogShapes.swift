import Kernel
import LogFormats
import Routing

extension Shapes {
    static let count = Schema.integer(minimum: 0)
    static let severity = Schema.choice(Severity.allCases.map(\.rawValue))

    static let logSourceRequest = Schema.object(
        "LogSourceRequest",
        [
            Field("name", .string()), Field("format", .choice(LogFormat.allCases.map(\.rawValue))),
            Field("silenceHours", .integer(minimum: 1, maximum: 8784), optional: true),
            Field("product", .string(), optional: true), Field("category", .string(), optional: true),
            Field("service", .string(), optional: true), Field("mapping", .map(.string()), optional: true),
        ])

    static let logSource = Schema.object(
        "LogSource",
        [
            Field("id", .string(format: "uuid")), Field("name", .string()), Field("format", .string()),
            Field("way", .string()), Field("registeredAt", .time), Field("lastSeen", .time, optional: true),
            Field("isSilent", .boolean), Field("silenceAfter", .string()), Field("rate", .number),
            Field("events", count), Field("faults", count), Field("lost", count), Field("applicable", count),
            Field("canFire", count),
        ])

    static let logSourceOverview = Schema.object(
        "LogSourceOverview",
        [
            Field("sources", .array(logSource)), Field("isCollecting", .boolean), Field("retentionDays", count),
            Field("archivedBytes", count), Field("archivedRecords", count),
        ])

    static let logSourceDetail = Schema.object(
        "LogSourceDetail",
        [
            Field("source", logSource),
            Field(
                "hours",
                .array(
                    .object(
                        "LogHour",
                        [
                            Field("start", .time), Field("events", count), Field("faults", count),
                            Field("matches", count),
                        ]
                    ))),
            Field(
                "faults",
                .array(
                    .object(
                        "LogFaultCount",
                        [Field("reason", .string()), Field("count", count), Field("samples", .array(.string()))]))),
            Field("fields", .array(.string())),
            Field(
                "blind",
                .array(
                    .object(
                        "BlindRule",
                        [Field("rule", .string()), Field("title", .string()), Field("missing", .array(.string()))]))),
            Field("blindCount", count), Field("checks", .array(subjectCheck)),
        ])

    static let logSearchResult = Schema.object(
        "LogSearchResult",
        [
            Field(
                "records",
                .array(
                    .object(
                        "LogRecord",
                        [
                            Field("source", .string(format: "uuid")), Field("name", .string()),
                            Field("receivedAt", .time), Field("text", .string()),
                        ]))), Field("hasMore", .boolean), Field("remarks", .array(.string())),
        ])

    static let recordsKept = Schema.object("RecordsKept", [Field("kept", count)])

    private static let digest = Schema.object(
        "LogDigest",
        [
            Field("id", .string(format: "uuid")), Field("day", .string()), Field("dueAt", .time),
            Field(
                "lines",
                .array(
                    .object(
                        "DigestLine",
                        [
                            Field("source", .string(format: "uuid")), Field("name", .string()), Field("events", count),
                            Field("faults", count), Field("silentHours", count), Field("alerts", .map(count)),
                        ]))), Field("signedBy", .string(), optional: true), Field("signedAt", .time, optional: true),
            Field("findings", .string(), optional: true), Field("exceptions", .string(), optional: true),
        ])

    static let logReviews = Schema.object(
        "LogReviews", [Field("waiting", .array(digest)), Field("signed", .array(digest))])
}
