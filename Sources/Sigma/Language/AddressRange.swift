/// A network of IPv4 or IPv6 addresses.
public struct AddressRange: Hashable, Sendable {
    /// The first address, 4 or 16 bytes.
    let base: [UInt8]
    /// How many leading bits are fixed.
    public let bits: Int
    /// The network as the rule writes it.
    let text: String

    /// A network as `10.0.0.0/8` or `fe80::/10`; an address alone is a network of one.
    ///
    /// - Returns: `nil` for what is no network.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var address = [UInt8](repeating: 0, count: 16)
        let bytes = Array(parts[0].utf8)
        let length = bytes.withUnsafeBufferPointer { text in
            address.withUnsafeMutableBufferPointer { AddressReader.read(text, into: $0) }
        }
        guard length > 0 else { return nil }
        var bits = length * 8
        if parts.count == 2 {
            guard let number = Int(parts[1]), parts[1].utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
                return nil
            }
            // 96 bits of an IPv4 network in its IPv6 form say only that it is one.
            let fixed = length == 4 && bytes.contains(UInt8(ascii: ":")) ? number - 96 : number
            guard (0...bits).contains(fixed) else { return nil }
            bits = fixed
        }
        base = Array(address.prefix(length))
        self.text = text
        self.bits = bits
        // Bits behind the network's would never be looked at: whoever wrote them meant something else.
        for bit in bits..<(base.count * 8) where base[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1 { return nil }
    }

    /// Tells whether an address lies in the network; an IPv4 address in its IPv6 form counts as IPv4.
    ///
    /// - Parameter address: The address as text; what is none lies nowhere.
    public func contains(_ address: String) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16)
        let length = Array(address.utf8).withUnsafeBufferPointer { text in
            bytes.withUnsafeMutableBufferPointer { AddressReader.read(text, into: $0) }
        }
        return length > 0
            && bytes.withUnsafeBufferPointer { $0.baseAddress.map { contains($0, length: length) } ?? false }
    }

    /// Tells whether an address lies in the network; an IPv4 address in its IPv6 form counts as IPv4.
    ///
    /// - Parameters:
    ///   - address: 16 bytes of which `length` count.
    ///   - length: 4 or 16.
    func contains(_ address: UnsafePointer<UInt8>, length: Int) -> Bool {
        guard length == base.count else { return false }
        let whole = bits / 8
        for index in 0..<whole where address[index] != base[index] { return false }
        let rest = bits % 8
        return rest == 0 || (address[whole] ^ base[whole]) >> (8 - UInt8(rest)) == 0
    }
}

/// Reads addresses from bytes, without allocating.
enum AddressReader {
    /// Reads an IPv4 address in four decimal parts, or an IPv6 address.
    ///
    /// - Parameter address: At least 16 bytes, to be written.
    /// - Returns: 4 or 16, or 0 for what is no address.
    static func read(_ text: UnsafeBufferPointer<UInt8>, into address: UnsafeMutableBufferPointer<UInt8>) -> Int {
        if text.contains(UInt8(ascii: ":")) { return readSix(text, into: address) }
        return readFour(text, into: address, at: 0) ? 4 : 0
    }

    private static func readFour(
        _ text: some RandomAccessCollection<UInt8>, into address: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) -> Bool {
        var part = 0
        var value = 0
        var digits = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // A leading zero means octal to some, and nothing to others.
                guard digits == 0 || value > 0 else { return false }
                digits += 1
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
                guard digits <= 3, value <= 255 else { return false }
            case UInt8(ascii: "."):
                guard digits > 0, part < 3 else { return false }
                address[start + part] = UInt8(value)
                (part, value, digits) = (part + 1, 0, 0)
            default: return false
            }
        }
        guard part == 3, digits > 0 else { return false }
        address[start + 3] = UInt8(value)
        return true
    }

    private static func readSix(_ text: UnsafeBufferPointer<UInt8>, into address: UnsafeMutableBufferPointer<UInt8>)
        -> Int
    {
        // A zone says on which wire, not where.
        let end = text.firstIndex(of: UInt8(ascii: "%")) ?? text.count
        var place = 0
        var filled = 0
        var gap: Int?
        if end >= 2, text[0] == UInt8(ascii: ":") {
            guard text[1] == UInt8(ascii: ":") else { return 0 }
            gap = 0
            place = 2
        }
        while place < end {
            var value = 0
            var digits = 0
            let start = place
            while place < end, let digit = hex(text[place]) {
                value = value << 4 | digit
                digits += 1
                place += 1
                guard digits <= 4 else { break }
            }
            if place < end, text[place] == UInt8(ascii: ".") {
                guard filled <= 12, readFour(text[start..<end], into: address, at: filled) else { return 0 }
                filled += 4
                place = end
                break
            }
            guard digits > 0, digits <= 4, filled <= 14 else { return 0 }
            address[filled] = UInt8(value >> 8)
            address[filled + 1] = UInt8(value & 255)
            filled += 2
            guard place < end else { break }
            guard text[place] == UInt8(ascii: ":") else { return 0 }
            place += 1
            if place < end, text[place] == UInt8(ascii: ":") {
                guard gap == nil else { return 0 }
                gap = filled
                place += 1
            } else if place == end {
                return 0
            }
        }
        if let gap {
            guard filled < 16 else { return 0 }
            let moved = filled - gap
            for index in stride(from: moved - 1, through: 0, by: -1) {
                address[16 - moved + index] = address[gap + index]
            }
            for index in gap..<(16 - moved) { address[index] = 0 }
        } else if filled != 16 {
            return 0
        }
        return four(address) ? 4 : 16
    }

    /// An IPv4 address that is written as `::ffff:a.b.c.d` is that IPv4 address.
    private static func four(_ address: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        guard address[0..<10].allSatisfy({ $0 == 0 }), address[10] == 255, address[11] == 255 else { return false }
        for index in 0..<4 { address[index] = address[12 + index] }
        return true
    }

    private static func hex(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
