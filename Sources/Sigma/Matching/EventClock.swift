import Kernel

/// Knows when events happened.
public struct EventClock: Sendable {
    /// The fields that are looked at, the first that holds a date counts.
    public let fields: [String]

    /// Where logs usually say when something happened.
    public static let usualFields = [
        "@timestamp", "timestamp", "eventTime", "TimeCreated_SystemTime", "UtcTime", "date_time", "datetime",
        "EventTime",
        "_time", "time", "ts", "event.created", "date",
    ]

    /// A clock that looks at these fields.
    public init(fields: [String] = EventClock.usualFields) {
        self.fields = fields
    }
}

extension RuleMatcher {
    /// When the last event happened, in seconds since 1970; `nil` where no field of the clock holds a date.
    public func time(by clock: EventClock) -> Double? {
        for field in clock.fields {
            for text in texts(of: field) {
                if let date = text.withUnsafeBufferPointer({ WrittenDate($0) }) { return date.seconds }
            }
        }
        return nil
    }

    /// The value of a field in the last event, several joined by commas; `nil` where it holds nothing.
    public func value(of field: String) -> [UInt8]? {
        let texts = texts(of: field)
        return texts.isEmpty ? nil : Array(texts.joined(separator: [UInt8(ascii: ",")]))
    }
}
