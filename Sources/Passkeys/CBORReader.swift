/// Reads CBOR in the one spelling that CTAP2 allows (canonical form; for what it allows the same as RFC 8949 §4.2.1).
///
/// What has two spellings has two hashes, and a reader that takes both invites somebody to find out who takes which. So
/// everything else is refused: indefinite lengths, longer numbers than needed, keys twice or out of order, tags, floats.
struct CBORReader {
    /// Why bytes are not the canonical form of any value, and where.
    struct Fault: Error, Hashable {
        /// One sentence.
        let reason: String
        /// How many bytes were read before it.
        let offset: Int
    }

    /// The most bytes that are looked at; an attestation with a chain of certificates has a few thousand.
    static let longest = 65_536
    /// How many arrays and maps may lie in one another.
    static let deepest = 4

    private let bytes: ArraySlice<UInt8>
    private var at: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    /// The value that all of `bytes` spell.
    static func value(_ bytes: ArraySlice<UInt8>) throws(Fault) -> CBORValue {
        var reader = CBORReader(bytes)
        let value = try reader.next()
        guard reader.rest.isEmpty else { throw reader.fault("Something follows after the value.") }
        return value
    }

    /// What has not been read yet.
    var rest: ArraySlice<UInt8> { bytes[at...] }

    /// The next value; what follows it stays in `rest`.
    mutating func next() throws(Fault) -> CBORValue {
        guard bytes.count <= Self.longest else { throw fault("It is longer than \(Self.longest) bytes.") }
        return try value(depth: 0)
    }

    private mutating func value(depth: Int) throws(Fault) -> CBORValue {
        let initial = try byte()
        let (major, information) = (initial >> 5, initial & 31)
        switch major {
        case 0: return .integer(try number(information))
        case 1: return .integer(-1 - (try number(information)))
        case 2: return .bytes(Array(try string(information)))
        case 3:
            guard let text = String(validating: try string(information), as: UTF8.self) else {
                throw fault("A text is no UTF-8.")
            }
            return .text(text)
        case 4: return try array(information, depth: depth + 1)
        case 5: return try map(information, depth: depth + 1)
        case 7: return try simple(information)
        default: throw fault("Tags are not allowed.")
        }
    }

    private mutating func array(_ information: UInt8, depth: Int) throws(Fault) -> CBORValue {
        let count = try count(information, depth: depth)
        var values: [CBORValue] = []
        for _ in 0..<count { values.append(try value(depth: depth)) }
        return .array(values)
    }

    private mutating func map(_ information: UInt8, depth: Int) throws(Fault) -> CBORValue {
        let count = try count(information, depth: depth)
        var members: [CBORValue.Member] = []
        var previous: ArraySlice<UInt8> = []
        for _ in 0..<count {
            let start = at
            let key = try value(depth: depth)
            switch key {
            case .integer, .text: break
            default: throw fault("A key is neither number nor text.")
            }
            // For keys of these two kinds CTAP2's order and that of RFC 8949 are both the order of the encoded bytes.
            let encoded = bytes[start..<at]
            guard previous.isEmpty || previous.lexicographicallyPrecedes(encoded) else {
                throw fault("The keys of a map are not in order, or one stands there twice.")
            }
            previous = encoded
            members.append(CBORValue.Member(key: key, value: try value(depth: depth)))
        }
        return .map(members)
    }

    private func simple(_ information: UInt8) throws(Fault) -> CBORValue {
        switch information {
        case 20: return .boolean(false)
        case 21: return .boolean(true)
        case 22: return .null
        default: throw fault("Only false, true and null are allowed of simple values and floating point.")
        }
    }

    /// How many values an array or a map has.
    private mutating func count(_ information: UInt8, depth: Int) throws(Fault) -> Int64 {
        guard depth <= Self.deepest else { throw fault("Values lie more than \(Self.deepest) deep in one another.") }
        let count = try number(information)
        // Each value takes a byte at least, so a count that cannot be true is refused before anything is made room for.
        guard count <= Int64(rest.count) else { throw fault("There are fewer values than announced.") }
        return count
    }

    private mutating func string(_ information: UInt8) throws(Fault) -> ArraySlice<UInt8> {
        let length = try number(information)
        guard length <= Int64(rest.count) else { throw fault("A text or a sequence of bytes is cut off.") }
        let end = at + Int(length)
        defer { at = end }
        return bytes[at..<end]
    }

    /// The number that an initial byte announces, in its shortest spelling.
    private mutating func number(_ information: UInt8) throws(Fault) -> Int64 {
        guard information >= 24 else { return Int64(information) }
        guard information <= 27 else { throw fault("Indefinite and reserved lengths are not allowed.") }
        let width = 1 << Int(information - 24)
        var value: UInt64 = 0
        for _ in 0..<width { value = value << 8 | UInt64(try byte()) }
        let smallest: UInt64 =
            switch width {
            case 1: 24
            case 2: 1 << 8
            case 4: 1 << 16
            default: 1 << 32
            }
        guard value >= smallest else { throw fault("A number is longer than it needs to be.") }
        guard let number = Int64(exactly: value) else { throw fault("A number is larger than any that is used.") }
        return number
    }

    private mutating func byte() throws(Fault) -> UInt8 {
        guard at < bytes.endIndex else { throw fault("It is cut off.") }
        defer { at += 1 }
        return bytes[at]
    }

    private func fault(_ reason: String) -> Fault { Fault(reason: reason, offset: at - bytes.startIndex) }
}
