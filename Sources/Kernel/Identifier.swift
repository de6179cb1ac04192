/// A 128-bit name of one `Kind` of thing, ordered by its time of creation (UUID version 7, RFC 9562 §5.7).
///
/// Pseudonymous: it may stand in a ledger leaf, a log line or an index column. The type parameter keeps a host's
/// identifier from being passed where a person's is meant.
public struct Identifier<Kind>: Hashable, Sendable {
    /// The more significant half.
    public let high: UInt64
    /// The less significant half.
    public let low: UInt64

    /// An identifier of known value.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new identifier made at `now`.
    public init(at now: Instant, randomness: Randomness) {
        let random = randomness.bytes(10)
        var first: UInt64 = UInt64(clamping: now.milliseconds) << 16
        first |= 0x7000 | UInt64(random[0] & 0x0F) << 8 | UInt64(random[1])
        var second: UInt64 = 0
        for byte in random[2...] { second = second << 8 | UInt64(byte) }
        high = first
        low = second & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// The identifier in `bytes`, 16 of them.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var first: UInt64 = 0
        var second: UInt64 = 0
        for byte in bytes.prefix(8) { first = first << 8 | UInt64(byte) }
        for byte in bytes.suffix(8) { second = second << 8 | UInt64(byte) }
        high = first
        low = second
    }

    /// The 16 bytes, most significant first.
    public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * $0)) }
    }

    /// The same value as a name of another kind of thing.
    public func retyped<Other>(as kind: Other.Type = Other.self) -> Identifier<Other> {
        Identifier<Other>(high: high, low: low)
    }
}

extension Identifier: Comparable {
    /// The order of their values.
    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: CustomStringConvertible, LosslessStringConvertible {
    /// The usual form in lower case: `0192f0c1-2b7a-7e11-9d3e-0123456789ab`.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (position, byte) in bytes.enumerated() {
            if position == 4 || position == 6 || position == 8 || position == 10 { text.append(UInt8(ascii: "-")) }
            text.append(hexDigits[Int(byte >> 4)])
            text.append(hexDigits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the usual form, in lower case only, so that one identifier has one spelling.
    public init?(_ text: String) {
        let utf8 = Array(text.utf8)
        guard utf8.count == 36, utf8[8] == 45, utf8[13] == 45, utf8[18] == 45, utf8[23] == 45,
            let bytes = [UInt8](hex: String(decoding: utf8.filter { $0 != 45 }, as: UTF8.self)), bytes.count == 16
        else { return nil }
        self.init(bytes: bytes)
    }
}

extension Identifier: Codable {
    /// Reads it as it is written in JSON.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let identifier = Identifier(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an identifier: \(text)")
        }
        self = identifier
    }

    /// Writes it as JSON has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
