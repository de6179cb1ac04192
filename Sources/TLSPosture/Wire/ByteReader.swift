/// Reads bytes that somebody else wrote, from the front. Nothing can be read beyond the end: then there is no value.
struct ByteReader {
    private let bytes: [UInt8]
    private var at: Int
    private let end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        at = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { at == end }
    var remaining: Int { end - at }

    /// A number of 1…3 bytes in network order.
    mutating func number(bytes count: Int) -> Int? {
        guard remaining >= count else { return nil }
        var value = 0
        for _ in 0..<count {
            value = value << 8 | Int(bytes[at])
            at += 1
        }
        return value
    }

    mutating func byte() -> UInt8? { number(bytes: 1).map { UInt8($0) } }
    mutating func short() -> UInt16? { number(bytes: 2).map { UInt16($0) } }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, remaining >= count else { return nil }
        defer { at += count }
        return Array(bytes[at..<at + count])
    }

    /// What follows a length of `width` bytes, as a reader of its own that ends with it.
    mutating func vector(lengthBytes width: Int) -> ByteReader? {
        guard let length = number(bytes: width), remaining >= length else { return nil }
        defer { at += length }
        return ByteReader(bytes, at..<at + length)
    }

    /// Everything that is left.
    mutating func rest() -> [UInt8] {
        defer { at = end }
        return Array(bytes[at..<end])
    }
}

extension [UInt8] {
    mutating func append(short: UInt16) { self += [UInt8(short >> 8), UInt8(short & 0xFF)] }

    /// Appends what `write` writes behind its length of `width` bytes; what would not fit is a mistake of the caller's.
    mutating func appendVector(lengthBytes width: Int, _ write: (inout [UInt8]) -> Void) {
        var inner: [UInt8] = []
        write(&inner)
        precondition(inner.count < 1 << (8 * width))
        for shift in stride(from: 8 * (width - 1), through: 0, by: -8) { append(UInt8(inner.count >> shift & 0xFF)) }
        self += inner
    }
}
