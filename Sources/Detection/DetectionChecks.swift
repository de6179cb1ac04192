import Kernel
import Store

/// What log collection and detection can show.
public enum DetectionChecks {
    /// That records of a source come.
    public static let collected: CheckID = "logs.collected"
    /// That somebody reviewed a source's days in time.
    public static let reviewed: CheckID = "logs.reviewed"
    /// That rules run and can see something.
    public static let rulesRunning: CheckID = "detection.rules-running"
    /// That somebody saw to each alert.
    public static let alertsHandled: CheckID = "detection.alerts-handled"
    /// That they did within the time that its level has.
    public static let timeToReact: CheckID = "detection.time-to-react"

    /// What is measured of each log source.
    public static let ofSources = [
        Check(
            id: collected, title: "Records come",
            measures: "A record came from the log source within the time after which it counts as silent.",
            population: .logSource, cadence: .minutes(10), freshness: .hours(26),
            keywords: ["logs are collected", "logging", "logs are kept", "audit logs"]),
        Check(
            id: reviewed, title: "Reviewed in time",
            measures:
                "Somebody signed the review of every day of the log source within the days that the organisation set.",
            population: .logSource, cadence: .hours(1), freshness: .hours(26),
            keywords: ["logs are reviewed", "log review", "review of logs", "reviewed regularly"]),
    ]

    /// What is measured of the rules as a whole.
    public static let ofRules = [
        Check(
            id: rulesRunning, title: "Rules run",
            measures: "Rules are matched against what comes from the log sources, and some can match in each of them.",
            population: .rule, cadence: .minutes(10), freshness: .hours(26),
            keywords: ["suspicious activity", "intrusion detection", "anomalies are detected", "monitored for"])
    ]

    /// What is measured of the alerts as a whole.
    public static let ofAlerts = [
        Check(
            id: alertsHandled, title: "Alerts seen to",
            measures: "No alert of the last 30 days is open beyond the time that its level has.",
            population: .alert, cadence: .minutes(10), freshness: .hours(26),
            keywords: ["alerts are handled", "alerts are followed up", "alerts are investigated"]),
        Check(
            id: timeToReact, title: "Reaction in time",
            measures: "Every alert of the last 30 days was acknowledged within the time that its level has.",
            population: .alert, cadence: .minutes(10), freshness: .hours(26),
            keywords: ["react to alerts", "reports arrive in real time", "response time"]),
    ]

    /// The declarations, for the catalogue.
    public static let all = ofSources + ofRules + ofAlerts

    /// All rules of an organisation as one subject.
    public static func rules(of organisation: Identifier<Organisation>) -> Subject {
        Subject(kind: .rule, id: organisation.retyped())
    }

    /// All alerts of an organisation as one subject.
    public static func alerts(of organisation: Identifier<Organisation>) -> Subject {
        Subject(kind: .alert, id: organisation.retyped())
    }
}
