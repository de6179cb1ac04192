import Kernel

/// The bytes of a hash tile: up to 256 neighbouring hashes of one level, one after the other (c2sp.org/tlog-tiles).
///
/// The hashes of level *l* are what storage keeps of the tree at height 8·*l*: leaf hashes, then
/// ``MerkleFrontier/CompletedNode``.
public struct HashTile: Hashable, Sendable {
    /// The hashes in their order.
    public let hashes: [MerkleHash]

    static let hashSize = 32

    /// A tile of the given hashes.
    ///
    /// - Throws: A `Problem` (invalid, `tile.width`) unless there are 1…256; empty tiles must not be served.
    public init(_ hashes: [MerkleHash]) throws(Problem) {
        guard (1...Tile.fullWidth).contains(hashes.count) else { throw Self.unfit(hashes.count) }
        self.hashes = hashes
    }

    /// Reads the bytes of a tile that holds `width` hashes.
    ///
    /// - Throws: A `Problem` (refused, `tile.truncated` or `tile.oversized`) unless there are exactly that many.
    public init(decoding bytes: [UInt8], width: Int) throws(Problem) {
        let expected = width * Self.hashSize
        guard bytes.count >= expected else { throw Self.truncated(bytes.count, of: "\(expected)") }
        guard bytes.count == expected else { throw Self.oversized(bytes.count, for: "\(expected)") }
        hashes = bytes.withUnsafeBytes { buffer in
            (0..<width).map {
                MerkleHash(copying: UnsafeRawBufferPointer(rebasing: buffer[(32 * $0)..<(32 * $0 + 32)]))
            }
        }
    }

    /// The bytes as they are served: 32 for each hash.
    public var encoded: [UInt8] { hashes.withUnsafeBytes { [UInt8]($0) } }

    static func unfit(_ count: Int) -> Problem {
        Problem(.invalid, code: "tile.width", "A tile holds 1 to 256 neighbours, not \(count).")
    }

    static func truncated(_ count: Int, of expected: String) -> Problem {
        Problem(.refused, code: "tile.truncated", "The tile ends after \(count) of \(expected) bytes.")
    }

    static func oversized(_ count: Int, for expected: String) -> Problem {
        Problem(.refused, code: "tile.oversized", "The tile has \(count) bytes where \(expected) belong.")
    }
}
