import Detection
import Routing

extension Shapes {
    static let alertStates = Schema.choice(Alert.State.allCases.map(\.rawValue) + ["all"])

    private static let alert = Schema.object(
        "Alert",
        [
            Field("id", .string(format: "uuid")), Field("title", .string()), Field("rule", .string()),
            Field("level", severity), Field("state", .choice(Alert.State.allCases.map(\.rawValue))),
            Field("sources", .array(.string())), Field("group", .map(.string())), Field("count", count),
            Field("firstAt", .time), Field("lastAt", .time), Field("dueAt", .time, optional: true),
            Field("acknowledgedAt", .time, optional: true),
            Field("outcome", .choice(Alert.Outcome.allCases.map(\.rawValue)), optional: true),
        ])

    static let alertOverview = Schema.object(
        "AlertOverview",
        [
            Field("alerts", .array(alert)), Field("open", .map(count)), Field("overdue", count),
            Field("edition", count),
        ])

    private static let eventField = Schema.object(
        "EventField", [Field("name", .string()), Field("value", .string())])

    static let alertDetail = Schema.object(
        "AlertDetail",
        [
            Field("alert", alert),
            Field(
                "events",
                .array(
                    .object(
                        "AlertEvent",
                        [Field("at", .time), Field("source", .string()), Field("fields", .array(eventField))]))),
            Field("description", .string(), optional: true), Field("author", .string(), optional: true),
            Field("license", .string(), optional: true), Field("references", .array(.string())),
            Field("falsePositives", .array(.string())), Field("tags", .array(.string())),
            Field(
                "steps",
                .array(
                    .object(
                        "AlertStep",
                        [
                            Field("at", .time), Field("who", .string()), Field("what", .string()),
                            Field("note", .string()),
                        ]))), Field("tunable", .array(eventField)),
        ])

    static let noteRequest = Schema.object("NoteRequest", [Field("note", .string(), optional: true)])

    static let closingRequest = Schema.object(
        "ClosingRequest",
        [Field("outcome", .choice(Alert.Outcome.allCases.map(\.rawValue))), Field("note", .string())])

    static let suppressionRequest = Schema.object(
        "SuppressionRequest",
        [
            Field("days", .integer(minimum: 1, maximum: AlertSuppression.longestDays)), Field("reason", .string()),
        ])

    static let tuningRequest = Schema.object(
        "TuningRequest", [Field("choice", .integer(minimum: 0)), Field("reason", .string())])

    static let rulesRequest = Schema.object(
        "RulesRequest",
        [
            Field("name", .string()),
            Field(
                "files",
                .array(.object("RuleFile", [Field("path", .string()), Field("text", .string())]))),
        ])

    static let ruleChanges = Schema.object(
        "RuleChanges",
        [
            Field("added", .array(.string())), Field("removed", .array(.string())), Field("changed", .array(.string())),
            Field("unchanged", count), Field("rejected", .array(.string())), Field("orphaned", .array(.string())),
        ])

    static let ruleOverview = Schema.object(
        "RuleOverview",
        [
            Field("name", .string()), Field("installedAt", .time, optional: true), Field("rules", count),
            Field("correlations", count), Field("rejected", .array(.string())), Field("rejectedCount", count),
            Field(
                "tactics",
                .array(
                    .object(
                        "TacticCoverage",
                        [
                            Field("tactic", .string()), Field("rules", count), Field("applicable", count),
                            Field("canFire", count), Field("alerts", count),
                        ]))),
            Field(
                "noise",
                .array(
                    .object(
                        "RuleNoise",
                        [
                            Field("rule", .string()), Field("title", .string()), Field("alerts", count),
                            Field("events", count), Field("acted", count),
                        ]))),
            Field(
                "suppressions",
                .array(
                    .object(
                        "Suppression",
                        [
                            Field("id", .string(format: "uuid")), Field("rule", .string()), Field("title", .string()),
                            Field("reason", .string()), Field("by", .string()), Field("since", .time),
                            Field("until", .time), Field("suppressed", count),
                        ]))),
            Field(
                "tunings",
                .array(
                    .object(
                        "Tuning",
                        [
                            Field("id", .string(format: "uuid")), Field("rule", .string()), Field("title", .string()),
                            Field("field", .string()), Field("value", .string()), Field("reason", .string()),
                            Field("by", .string()), Field("since", .time), Field("isInForce", .boolean),
                            Field("yaml", .string()),
                        ]))),
        ])
}
