/// The order in which `Intl.Collator("en")` puts lower-case sources of a policy: punctuation in the order of the Unicode
/// Collation Algorithm's root table as CLDR tailors it, then digits, then letters.
///
/// Mozilla's Observatory compares neighbours after sorting, so that the order decides what it takes for the same source.
enum CollationOrder {
    private static let ranks: [UInt32] = {
        var ranks = [UInt32](repeating: 0, count: 128)
        let order = "\t\n\u{B}\u{C}\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"
        for (rank, scalar) in order.unicodeScalars.enumerated() { ranks[Int(scalar.value)] = UInt32(rank + 1) }
        for letter in UInt8(ascii: "A")...UInt8(ascii: "Z") { ranks[Int(letter)] = ranks[Int(letter | 0x20)] }
        return ranks
    }()

    static func precedes(_ left: String, _ right: String) -> Bool {
        left.unicodeScalars.lazy.compactMap(rank).lexicographicallyPrecedes(right.unicodeScalars.lazy.compactMap(rank))
    }

    /// - Returns: `nil` for control characters, which the collator ignores.
    private static func rank(_ scalar: Unicode.Scalar) -> UInt32? {
        guard scalar.isASCII else { return 0x1000 + scalar.value }
        let rank = ranks[Int(scalar.value)]
        return rank == 0 ? nil : rank
    }
}
