extension PatternIndex {
    /// Collects the patterns of one field.
    struct Builder {
        private var exact: [(UInt64, BucketTable.Entry)] = []
        private var exactLengths: UInt64 = 0
        private var prefix8: [(UInt64, BucketTable.Entry)] = []
        private var prefix4: [(UInt64, BucketTable.Entry)] = []
        private var prefix1: [(UInt64, BucketTable.Entry)] = []
        private var suffix8: [(UInt64, BucketTable.Entry)] = []
        private var suffix4: [(UInt64, BucketTable.Entry)] = []
        private var suffix1: [(UInt64, BucketTable.Entry)] = []
        private var anywhere: [(literal: [UInt8], pattern: UInt32)] = []
        private var unanchored: [UInt32] = []

        /// Adds a pattern with its folded literal.
        mutating func add(_ shape: CompiledPattern.Shape, _ literal: [UInt8], pattern: UInt32) {
            let entry = BucketTable.Entry(pattern: pattern, offset: 0)
            switch shape {
            case .exact:
                exactLengths |= 1 << UInt64(min(literal.count, 63))
                exact.append((literal.withUnsafeBufferPointer(PatternIndex.hash), entry))
            case .prefix where !literal.isEmpty:
                switch literal.count {
                case 8...: prefix8.append((PatternIndex.key(literal.prefix(8)), entry))
                case 4...: prefix4.append((PatternIndex.key(literal.prefix(4)), entry))
                default: prefix1.append((PatternIndex.key(literal.prefix(1)), entry))
                }
            case .suffix where !literal.isEmpty:
                switch literal.count {
                case 8...: suffix8.append((PatternIndex.key(literal.suffix(8)), entry))
                case 4...: suffix4.append((PatternIndex.key(literal.suffix(4)), entry))
                default: suffix1.append((PatternIndex.key(literal.suffix(1)), entry))
                }
            default:
                if literal.isEmpty { unanchored.append(pattern) } else { anywhere.append((literal, pattern)) }
            }
        }

        func build(in storage: TableStorage) -> PatternIndex {
            let (grams, short) = chosenGrams()
            var size = 1 << 10
            while size < grams.count * 32, size < 1 << 18 { size *= 2 }
            var bits = [UInt64](repeating: 0, count: size / 64)
            let shift = UInt32(32 - size.trailingZeroBitCount)
            for (key, _) in grams {
                let place = PatternIndex.gramPlace(UInt32(truncatingIfNeeded: key), shift)
                bits[Int(place >> 6)] |= 1 << UInt64(place & 63)
            }
            // One bit for each pair of bytes with which a short pattern may begin.
            var pairs = [UInt64](repeating: 0, count: short.isEmpty ? 1 : 1024)
            for (key, _) in short {
                let first = Int(key & 255)
                let seconds = key >> 56 == 1 ? 0...255 : Int(key >> 8 & 255)...Int(key >> 8 & 255)
                for second in seconds {
                    let place = first | second << 8
                    pairs[place >> 6] |= 1 << UInt64(place & 63)
                }
            }
            return PatternIndex(
                exact: BucketTable(exact.map { (key: $0.0, entry: $0.1) }, in: storage), exactLengths: exactLengths,
                prefix8: table(prefix8, storage), prefix4: table(prefix4, storage), suffix8: table(suffix8, storage),
                suffix4: table(suffix4, storage), prefix1: table(prefix1, storage), suffix1: table(suffix1, storage),
                grams: table(grams, storage), gramBits: storage.freeze(bits), gramShift: shift,
                short: table(short, storage), shortBits: storage.freeze(pairs), hasShort: !short.isEmpty,
                hasGrams: !grams.isEmpty, unanchored: storage.freeze(unanchored))
        }

        private func table(_ buckets: [(UInt64, BucketTable.Entry)], _ storage: TableStorage) -> BucketTable {
            BucketTable(buckets.map { (key: $0.0, entry: $0.1) }, in: storage)
        }

        /// For each pattern its rarest gram, or for a short one all of it.
        private func chosenGrams() -> (
            grams: [(UInt64, BucketTable.Entry)], short: [(UInt64, BucketTable.Entry)]
        ) {
            var counts: [UInt32: Int] = [:]
            for (literal, _) in anywhere where literal.count >= 4 {
                for start in 0...(literal.count - 4) { counts[PatternIndex.gram(literal, start), default: 0] += 1 }
            }
            var grams: [(UInt64, BucketTable.Entry)] = []
            var short: [(UInt64, BucketTable.Entry)] = []
            for (literal, pattern) in anywhere {
                guard literal.count >= 4 else {
                    let key = PatternIndex.key(literal[...]) | UInt64(literal.count) << 56
                    short.append((key, BucketTable.Entry(pattern: pattern, offset: 0)))
                    continue
                }
                var best = (cost: Double.infinity, start: 0)
                for start in 0...(literal.count - 4) {
                    // What many rules look for is common in what they look at.
                    let count = Double(counts[PatternIndex.gram(literal, start)] ?? 1)
                    let cost = ByteFrequency.cost(literal[start..<(start + 4)]) * (1 + count.squareRoot())
                    if cost < best.cost { best = (cost, start) }
                }
                grams.append(
                    (
                        UInt64(PatternIndex.gram(literal, best.start)),
                        BucketTable.Entry(pattern: pattern, offset: UInt32(best.start))
                    ))
            }
            return (grams, short)
        }
    }

    @inline(__always)
    static func gramPlace(_ gram: UInt32, _ shift: UInt32) -> UInt32 { (gram &* 0x9E37_79B1) &>> shift }

    static func hash(_ buffer: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let base = buffer.baseAddress else { return emptyHash }
        return Bytes.hash(base, buffer.count)
    }

    private static let emptyHash = withUnsafePointer(to: 0 as UInt8) { Bytes.hash($0, 0) }

    /// Up to eight bytes as a number, the first the lowest, as loading them gives it.
    static func key(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func gram(_ literal: [UInt8], _ start: Int) -> UInt32 {
        UInt32(literal[start]) | UInt32(literal[start + 1]) << 8 | UInt32(literal[start + 2]) << 16
            | UInt32(literal[start + 3]) << 24
    }
}

/// How common bytes are in logs, roughly: it only decides which four bytes of a pattern are looked for.
enum ByteFrequency {
    static func cost(_ bytes: ArraySlice<UInt8>) -> Double { bytes.reduce(1) { $0 * frequency($1) } }

    private static func frequency(_ byte: UInt8) -> Double {
        switch byte {
        case UInt8(ascii: "e"), UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "o"), UInt8(ascii: "i"),
            UInt8(ascii: "r"), UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: " "):
            0.06
        case UInt8(ascii: "m"), UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "l"), UInt8(ascii: "p"),
            UInt8(ascii: "w"), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "0"),
            UInt8(ascii: "1"):
            0.035
        case UInt8(ascii: "2")...UInt8(ascii: "9"), UInt8(ascii: "u"), UInt8(ascii: "y"), UInt8(ascii: "h"),
            UInt8(ascii: "g"), UInt8(ascii: "f"), UInt8(ascii: "b"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            0.015
        case UInt8(ascii: "k"), UInt8(ascii: "v"), UInt8(ascii: "x"), UInt8(ascii: "="), UInt8(ascii: "\""),
            UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")"):
            0.008
        default: 0.003
        }
    }
}
