/// The arithmetic of where a Merkle tree splits.
enum MerkleShape {
    /// The largest power of two below `count`, which must be at least 2: the size of the left half (RFC 6962 §2.1).
    static func split(_ count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }

    /// Whether `range` starts at a multiple of the smallest power of two that holds it, so that it can be a subtree.
    static func isSubtree(_ range: Range<UInt64>) -> Bool {
        let count = range.upperBound - range.lowerBound
        guard count > 1 else { return true }
        let bits = 64 - (count - 1).leadingZeroBitCount
        return bits < 64 && range.lowerBound.trailingZeroBitCount >= bits
    }

    /// The height of the perfect tree with `count` leaves, if there is one.
    static func heightOfPerfect(_ count: UInt64) -> Int? {
        count.nonzeroBitCount == 1 ? count.trailingZeroBitCount : nil
    }
}
