@testable import Passkeys

/// Writes CBOR in its canonical form, for authenticators that tests play and to see that what was read has one spelling only.
enum CBORWriter {
    static func bytes(_ value: CBORValue) -> [UInt8] {
        switch value {
        case .integer(let number): number < 0 ? head(1, UInt64(-1 - number)) : head(0, UInt64(number))
        case .bytes(let bytes): head(2, UInt64(bytes.count)) + bytes
        case .text(let text): head(3, UInt64(text.utf8.count)) + Array(text.utf8)
        case .array(let values): head(4, UInt64(values.count)) + values.flatMap(bytes)
        case .map(let members):
            head(5, UInt64(members.count))
                + members.map { (bytes($0.key), bytes($0.value)) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
                .flatMap { $0.0 + $0.1 }
        case .boolean(let value): [value ? 0xF5 : 0xF4]
        case .null: [0xF6]
        }
    }

    private static func head(_ major: UInt8, _ number: UInt64) -> [UInt8] {
        let (information, width): (UInt8, Int) =
            switch number {
            case 0..<24: (UInt8(number), 0)
            case 24..<1 << 8: (24, 1)
            case 1 << 8..<1 << 16: (25, 2)
            case 1 << 16..<1 << 32: (26, 4)
            default: (27, 8)
            }
        return [major << 5 | information]
            + (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }
}

extension CBORValue: ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    public init(dictionaryLiteral elements: (CBORValue, CBORValue)...) {
        self = .map(elements.map { Member(key: $0.0, value: $0.1) })
    }

    public init(integerLiteral value: Int64) { self = .integer(value) }

    public init(stringLiteral value: String) { self = .text(value) }
}
