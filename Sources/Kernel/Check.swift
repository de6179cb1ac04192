/// The stable name of a check: its room, a point, and what it looks at, such as `endpoint.disk-encryption`.
public struct CheckID: Hashable, Comparable, Sendable, RawRepresentable, Codable, CustomStringConvertible {
    /// The name in full, 3…64 bytes.
    public let rawValue: String

    /// - Returns: `nil` unless `rawValue` is lower-case words, joined by hyphens, in two or more parts joined by points; 3…64 bytes.
    public init?(rawValue: String) {
        let bytes = Array(rawValue.utf8)
        guard (3...64).contains(bytes.count), bytes.contains(UInt8(ascii: ".")) else { return nil }
        var previousIsJoint = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): previousIsJoint = false
            case UInt8(ascii: "."), UInt8(ascii: "-"):
                guard !previousIsJoint else { return nil }
                previousIsJoint = true
            default: return nil
            }
        }
        guard !previousIsJoint else { return nil }
        self.rawValue = rawValue
    }

    /// The order of their values.
    public static func < (left: CheckID, right: CheckID) -> Bool { left.rawValue < right.rawValue }

    /// As people and logs read it.
    public var description: String { rawValue }
}

extension CheckID: ExpressibleByStringLiteral {
    /// For the names that stand in our own source; a malformed literal is a mistake of ours, found by the first test that runs.
    public init(stringLiteral value: StaticString) {
        guard let id = CheckID(rawValue: value.description) else {
            preconditionFailure("malformed check name in the source: \(value)")
        }
        self = id
    }
}

/// What a room can measure: the declaration that a commitment refers to.
public struct Check: Hashable, Sendable, Identifiable {
    /// The name that commitments, observations and commands refer to it by.
    public let id: CheckID
    /// A short heading: "Disk encryption".
    public let title: String
    /// One sentence: what is measured and when it passes.
    public let measures: String
    /// Which kind of subject it looks at.
    public let population: Subject.Kind
    /// How often it runs, before jitter.
    public let cadence: Period
    /// How long a result stays fresh unless the commitment says otherwise.
    public let freshness: Period
    /// Lower-case words by which `policy draft` recognises a sentence that this check can prove.
    public let keywords: [String]

    /// A declaration out of its parts.
    public init(
        id: CheckID, title: String, measures: String, population: Subject.Kind, cadence: Period, freshness: Period,
        keywords: [String]
    ) {
        self.id = id
        self.title = title
        self.measures = measures
        self.population = population
        self.cadence = cadence
        self.freshness = freshness
        self.keywords = keywords
    }
}
