/// Makes letters that differ in case the same: those of ASCII eight at a time, those of other scripts by Unicode's simple mapping.
enum CaseFolding {
    /// How much room beyond the value's own length ``fold(_:_:into:)`` may need: a letter grows by half at most, and what scans
    /// the result reads a few bytes beyond its end.
    static func room(for count: Int) -> Int { count + count / 2 + 16 }

    /// Writes the folded bytes of a value, with eight zeros behind them.
    ///
    /// - Parameter target: At least ``room(for:)`` bytes.
    /// - Returns: How many bytes were written, without the zeros.
    static func fold(
        _ source: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var index = 0
        let out = UnsafeMutableRawPointer(target)
        while index + 8 <= count {
            let word = Bytes.load64(source + index)
            if word & 0x8080_8080_8080_8080 != 0 { return foldRest(source, count, from: index, into: target) }
            out.storeBytes(of: lower(word), toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < count {
            let byte = source[index]
            if byte >= 0x80 { return foldRest(source, count, from: index, into: target) }
            target[index] = lower(byte)
            index += 1
        }
        out.storeBytes(of: 0, toByteOffset: count, as: UInt64.self)
        return count
    }

    /// The folded bytes.
    static func folded(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        return [UInt8](unsafeUninitializedCapacity: room(for: bytes.count)) { buffer, count in
            if let target = buffer.baseAddress {
                bytes.withUnsafeBufferPointer { source in
                    if let base = source.baseAddress { count = fold(base, source.count, into: target) }
                }
            }
        }
    }

    @inline(__always)
    private static func lower(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    /// The lower case of eight ASCII bytes.
    @inline(__always)
    private static func lower(_ word: UInt64) -> UInt64 {
        let fromA = word &+ Bytes.broadcast(0x80 - UInt8(ascii: "A"))
        let beyondZ = word &+ Bytes.broadcast(0x7F - UInt8(ascii: "Z"))
        return word | ((fromA ^ beyondZ) & 0x8080_8080_8080_8080) >> 2
    }

    private static func foldRest(
        _ source: UnsafePointer<UInt8>, _ count: Int, from start: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var index = start
        var length = start
        while index < count {
            let byte = source[index]
            if byte < 0x80 {
                target[length] = lower(byte)
                (index, length) = (index + 1, length + 1)
            } else if byte & 0xE0 == 0xC0, index + 1 < count, source[index + 1] & 0xC0 == 0x80 {
                let scalar = UInt32(byte & 0x1F) << 6 | UInt32(source[index + 1] & 0x3F)
                length += lowered(scalar, from: 0x80, source + index, 2, target + length)
                index += 2
            } else if byte & 0xF0 == 0xE0, index + 2 < count, source[index + 1] & 0xC0 == 0x80,
                source[index + 2] & 0xC0 == 0x80
            {
                let scalar =
                    UInt32(byte & 0x0F) << 12 | UInt32(source[index + 1] & 0x3F) << 6 | UInt32(source[index + 2] & 0x3F)
                length += lowered(scalar, from: 0x800, source + index, 3, target + length)
                index += 3
            } else {
                target[length] = byte
                (index, length) = (index + 1, length + 1)
            }
        }
        UnsafeMutableRawPointer(target).storeBytes(of: 0, toByteOffset: length, as: UInt64.self)
        return length
    }

    /// Writes a scalar's lower case; one that is written with more bytes than it needs stays as it is, and so is nothing else.
    private static func lowered(
        _ scalar: UInt32, from least: UInt32, _ source: UnsafePointer<UInt8>, _ count: Int,
        _ target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        guard scalar < least else { return Bytes.write(UInt32(lowercase[Int(scalar)]), target) }
        for index in 0..<count { target[index] = source[index] }
        return count
    }

    /// For each scalar of the basic plane its lower case, where that is one scalar of the same plane.
    private static let lowercase: [UInt16] = {
        var table = Array(UInt16(0)...UInt16.max)
        // Where letters with two cases stand; the rest has none, and asking costs time.
        for range in [
            0x80...0x58F, 0x10A0...0x10FF, 0x13A0...0x13F5, 0x1C80...0x1FFF, 0x2100...0x24FF, 0x2C00...0x2DFF,
            0xA640...0xABFF, 0xFF21...0xFF5A,
        ] {
            for value in range {
                guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
                let lower = scalar.properties.lowercaseMapping.unicodeScalars
                if lower.count == 1, let only = lower.first, only.value <= 0xFFFF { table[value] = UInt16(only.value) }
            }
        }
        return table
    }()
}
