/// SHAKE-128 (FIPS 202), only for the accumulated test vectors of XAES-256-GCM, whose random stream and digest it is.
struct Shake128 {
    private var lanes = [UInt64](repeating: 0, count: 25)
    private var offset = 0
    private var isReading = false
    private static let rate = 168

    mutating func absorb(_ bytes: [UInt8]) {
        for byte in bytes {
            lanes[offset / 8] ^= UInt64(byte) << UInt64(offset % 8 * 8)
            offset += 1
            if offset == Self.rate {
                permute()
                offset = 0
            }
        }
    }

    mutating func read(_ count: Int) -> [UInt8] {
        if !isReading {
            lanes[offset / 8] ^= 0x1F << UInt64(offset % 8 * 8)
            lanes[(Self.rate - 1) / 8] ^= 0x80 << UInt64((Self.rate - 1) % 8 * 8)
            permute()
            offset = 0
            isReading = true
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for _ in 0..<count {
            if offset == Self.rate {
                permute()
                offset = 0
            }
            bytes.append(UInt8(truncatingIfNeeded: lanes[offset / 8] >> UInt64(offset % 8 * 8)))
            offset += 1
        }
        return bytes
    }

    private static let rotations: [UInt64] = [
        0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
    ]

    /// The round constants come from a shift register over x⁸ + x⁶ + x⁵ + x⁴ + 1 (FIPS 202 §3.2.5).
    private static let roundConstants: [UInt64] = {
        var register: UInt8 = 1
        return (0..<24).map { _ in
            var constant: UInt64 = 0
            for bit in 0..<7 {
                if register & 1 == 1 { constant |= 1 << (UInt64(1) << UInt64(bit) - 1) }
                register = register & 0x80 != 0 ? register << 1 ^ 0x71 : register << 1
            }
            return constant
        }
    }()

    private mutating func permute() {
        lanes.withUnsafeMutableBufferPointer { a in
            var columns = [UInt64](repeating: 0, count: 5)
            var moved = [UInt64](repeating: 0, count: 25)
            for constant in Self.roundConstants {
                for x in 0..<5 { columns[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] }
                for x in 0..<5 {
                    let next = columns[(x + 1) % 5]
                    let mix = columns[(x + 4) % 5] ^ (next << 1 | next >> 63)
                    for y in 0..<5 {
                        let lane = a[x + 5 * y] ^ mix
                        let turn = Self.rotations[x + 5 * y]
                        moved[y + 5 * ((2 * x + 3 * y) % 5)] = turn == 0 ? lane : lane << turn | lane >> (64 - turn)
                    }
                }
                for y in 0..<5 {
                    for x in 0..<5 {
                        a[x + 5 * y] = moved[x + 5 * y] ^ (~moved[(x + 1) % 5 + 5 * y] & moved[(x + 2) % 5 + 5 * y])
                    }
                }
                a[0] ^= constant
            }
        }
    }
}
