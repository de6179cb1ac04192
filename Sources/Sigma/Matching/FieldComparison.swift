/// Compares a field's values with another field's, within bounds: both are written by strangers.
struct FieldComparison {
    private let relation: FieldRelation
    private let isCased: Bool
    private var others: Set<[UInt8]> = []
    /// There was more to compare than the bounds allow.
    private(set) var hasGivenUp = false
    private var compared = 0

    /// The most different values of the other field, and the longest of them where it is looked for inside.
    private static let otherLimit = 1000
    private static let lengthLimit = 1024
    /// The most values of the field, and the most bytes that are searched.
    private static let valueLimit = 1000
    private static let byteLimit = 1 << 20

    init(_ relation: FieldRelation, isCased: Bool) {
        self.relation = relation
        self.isCased = isCased
    }

    /// Remembers a value of the other field.
    ///
    /// - Returns: Always false: the next one is wanted too.
    mutating func addOther(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if others.count >= Self.otherLimit || (relation == .contained && text.count > Self.lengthLimit) {
            hasGivenUp = true
        } else {
            others.insert(meant(text))
        }
        return false
    }

    /// Tells whether a value of the field stands to one of the others as the rule asks.
    mutating func fits(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !others.isEmpty else { return false }
        compared += 1
        guard compared <= Self.valueLimit, relation == .equal || text.count * others.count <= Self.byteLimit else {
            hasGivenUp = true
            return false
        }
        let value = meant(text)
        return switch relation {
        case .equal: others.contains(value)
        case .prefix: others.contains { value.starts(with: $0) }
        case .suffix: others.contains { value.count >= $0.count && value.suffix($0.count).elementsEqual($0) }
        case .contained: others.contains { Self.contains(value, $0) }
        }
    }

    private func meant(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        isCased ? Array(text) : CaseFolding.folded(Array(text))
    }

    private static func contains(_ value: [UInt8], _ other: [UInt8]) -> Bool {
        value.withUnsafeBufferPointer { value in
            other.withUnsafeBufferPointer { other in
                guard let text = value.baseAddress, let literal = other.baseAddress else { return other.isEmpty }
                return Bytes.contains(text, value.count, literal, other.count)
            }
        }
    }
}
