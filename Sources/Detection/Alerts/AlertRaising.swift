import Kernel
import Store

/// Raises alerts in one change: counts on those that are there, and makes new ones up to a bound for each rule.
struct AlertRaising {
    private let change: Change
    private let settings: DetectionSettings
    private var quiet: [String: Stored<AlertSuppression>]
    /// How many alerts of each rule were raised within the last day.
    private var raised: [String: Int] = [:]
    private(set) var new = 0

    /// What matches again after this long without a match is a new alert.
    private static let pause = Period.hours(24)
    /// The most alerts of one rule within a day: beyond it what matches is counted on one without a group. Names in logs are
    /// made up easily.
    static let limit = 100

    init(in change: Change) throws {
        self.change = change
        settings = try change.view.detectionSettings()
        quiet = Dictionary(
            grouping: try change.view.list(
                AlertSuppression.self, Query("until_at > ?", [.integer(change.now.milliseconds)])),
            by: \.record.rule
        ).compactMapValues(\.first)
    }

    mutating func raise(_ arrival: AlertArrival) throws {
        let rule = arrival.key.rule
        if let suppression = quiet[rule] {
            var counted = suppression.record
            counted.suppressed += arrival.count
            quiet[rule] = try change.update(suppression, to: counted)
            return
        }
        let key = change.view.blindIndex(Alert.table, "key", of: arrival.key.text)
        if let known = try open(key, since: arrival.lastAt - Self.pause) { return try count(arrival, on: known) }
        let ruleKey = change.view.blindIndex(Alert.table, "rule_key", of: rule)
        let already = try raised[rule] ?? raisedLately(ruleKey)
        raised[rule] = already
        guard already < Self.limit else { return try raiseWithoutGroup(arrival, ruleKey) }
        try insert(arrival, key, ruleKey)
    }

    private func raisedLately(_ ruleKey: [UInt8]) throws -> Int {
        try change.view.count(
            Alert.self,
            Query(
                "rule_key = ? AND raised_at >= ?",
                [.blob(ruleKey), .integer((change.now - Self.pause).milliseconds)]))
    }

    private mutating func raiseWithoutGroup(_ arrival: AlertArrival, _ ruleKey: [UInt8]) throws {
        let whole = arrival.withoutGroup
        let key = change.view.blindIndex(Alert.table, "key", of: whole.key.text)
        if let known = try open(key, since: whole.lastAt - Self.pause) { return try count(whole, on: known) }
        try insert(whole, key, ruleKey)
    }

    private mutating func insert(_ arrival: AlertArrival, _ key: [UInt8], _ ruleKey: [UInt8]) throws {
        try change.insert(
            Alert(
                arrival, id: change.newIdentifier(), key: key, ruleKey: ruleKey, at: change.now, settings: settings))
        raised[arrival.key.rule, default: 0] += 1
        new += 1
    }

    private func open(_ key: [UInt8], since start: Instant) throws -> Stored<Alert>? {
        try change.view.list(
            Alert.self,
            Query(
                "key = ? AND state <> ? AND last_at >= ?",
                [.blob(key), .text(Alert.State.closed.rawValue), .integer(start.milliseconds)],
                order: "last_at DESC", limit: 1)
        ).first
    }

    private func count(_ arrival: AlertArrival, on known: Stored<Alert>) throws {
        var alert = known.record
        alert.add(arrival)
        try change.update(known, to: alert)
    }
}
