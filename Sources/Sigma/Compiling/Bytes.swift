/// Eight bytes at a time.
enum Bytes {
    @inline(__always)
    static func load64(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self)
    }

    @inline(__always)
    static func load32(_ pointer: UnsafePointer<UInt8>) -> UInt32 {
        UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self)
    }

    /// Tells whether two runs of bytes are the same.
    @inline(__always)
    static func equal(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index + 8 <= count {
            if load64(left + index) != load64(right + index) { return false }
            index += 8
        }
        while index < count {
            if left[index] != right[index] { return false }
            index += 1
        }
        return true
    }

    /// Tells whether a run of bytes stands anywhere in a text.
    static func contains(
        _ text: UnsafePointer<UInt8>, _ length: Int, _ literal: UnsafePointer<UInt8>, _ count: Int
    ) -> Bool {
        guard count > 0 else { return true }
        guard count <= length else { return false }
        let last = length - count
        let first = literal[0]
        var place = 0
        while place <= last {
            if place + 8 <= length {
                let found = mask(of: first, in: load64(text + place))
                if found == 0 {
                    place += 8
                    continue
                }
                place += found.trailingZeroBitCount >> 3
                if place > last { return false }
            }
            if text[place] == first, equal(text + place, literal, count) { return true }
            place += 1
        }
        return false
    }

    /// Writes a scalar in UTF-8.
    ///
    /// - Parameter target: At least four bytes.
    /// - Returns: How many bytes were written.
    static func write(_ scalar: UInt32, _ target: UnsafeMutablePointer<UInt8>) -> Int {
        switch scalar {
        case 0..<0x80:
            target[0] = UInt8(scalar)
            return 1
        case 0x80..<0x800:
            target[0] = UInt8(0xC0 | scalar >> 6)
            target[1] = UInt8(0x80 | scalar & 0x3F)
            return 2
        case 0x800..<0x10000:
            target[0] = UInt8(0xE0 | scalar >> 12)
            target[1] = UInt8(0x80 | scalar >> 6 & 0x3F)
            target[2] = UInt8(0x80 | scalar & 0x3F)
            return 3
        default:
            target[0] = UInt8(0xF0 | scalar >> 18 & 0x07)
            target[1] = UInt8(0x80 | scalar >> 12 & 0x3F)
            target[2] = UInt8(0x80 | scalar >> 6 & 0x3F)
            target[3] = UInt8(0x80 | scalar & 0x3F)
            return 4
        }
    }

    /// A hash of bytes for tables of our own; whoever floods one finds buckets that are compared byte by byte.
    @inline(__always)
    static func hash(_ pointer: UnsafePointer<UInt8>, _ count: Int, seed: UInt64 = 0) -> UInt64 {
        var hash = (seed &+ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index + 8 <= count {
            hash = mix(hash ^ load64(pointer + index))
            index += 8
        }
        var rest: UInt64 = 0
        while index < count {
            rest = rest << 8 | UInt64(pointer[index])
            index += 1
        }
        return mix(hash ^ rest)
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return high ^ low
    }

    @inline(__always)
    static func broadcast(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The high bit of each byte of `word` that is `byte`; a byte above the lowest such may be named wrongly.
    @inline(__always)
    static func mask(of byte: UInt8, in word: UInt64) -> UInt64 {
        let difference = word ^ broadcast(byte)
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }
}
