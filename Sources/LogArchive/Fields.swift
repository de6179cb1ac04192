import Kernel

/// Steps through the fields of something stored; says `nil` where there is less than asked for.
struct FieldReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        let width = MemoryLayout<Number>.size
        guard rest.count >= width else { return nil }
        let number = rest.withUnsafeBytes { Number(bigEndian: $0.loadUnaligned(as: Number.self)) }
        rest = rest.dropFirst(width)
        return number
    }

    mutating func instant() -> Instant? { integer(Int64.self).map { Instant(milliseconds: $0) } }

    mutating func identifier<Kind>(_ kind: Kind.Type) -> Identifier<Kind>? {
        guard let high = integer(UInt64.self), let low = integer(UInt64.self) else { return nil }
        return Identifier(high: high, low: low)
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension [UInt8] {
    mutating func appendInteger(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    mutating func appendInstant(_ instant: Instant) { appendInteger(instant.milliseconds) }

    mutating func appendIdentifier<Kind>(_ identifier: Identifier<Kind>) {
        appendInteger(identifier.high)
        appendInteger(identifier.low)
    }

    /// Seven bits a byte, the lowest first: most records are so short that one or two bytes tell their length.
    mutating func appendShort(_ number: Int) {
        var rest = UInt(bitPattern: number)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
