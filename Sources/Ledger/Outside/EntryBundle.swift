import Crypto
import Kernel

/// The bytes of up to 256 neighbouring entries, each after its length in two bytes, most significant first
/// (c2sp.org/tlog-tiles).
///
/// The entries stay in the one buffer they came in; nothing is copied for each.
public struct EntryBundle: Sendable {
    private let bytes: [UInt8]
    /// Where the entries end; each begins two bytes after the end of the one before.
    private let ends: [Int]

    /// The longest entry that a bundle can carry.
    public static let leafLimit = 65_535

    /// Reads the bytes of a bundle of `width` entries.
    ///
    /// - Throws: A `Problem` (refused, `tile.truncated` or `tile.oversized`) unless they end where the last entry ends.
    public init(decoding bytes: [UInt8], width: Int) throws(Problem) {
        var ends: [Int] = []
        ends.reserveCapacity(width)
        var end = 0
        for number in 0..<width {
            guard bytes.count - end >= 2 else { throw HashTile.truncated(bytes.count, of: "at least \(end + 2)") }
            let length = Int(bytes[end]) << 8 | Int(bytes[end + 1])
            end += 2 + length
            guard end <= bytes.count else {
                throw HashTile.truncated(bytes.count, of: "the \(end) up to the end of its entry \(number + 1)")
            }
            ends.append(end)
        }
        guard end == bytes.count else { throw HashTile.oversized(bytes.count, for: "\(end)") }
        self.bytes = bytes
        self.ends = ends
    }

    /// How many entries it holds.
    public var count: Int { ends.count }

    /// The content of the entry at `position`, 0..<``count``.
    public subscript(position: Int) -> ArraySlice<UInt8> { bytes[bounds(position)] }

    /// The leaf hashes of the first `count` entries, 0…``count`` (RFC 6962 §2.1).
    public func leafHashes(first count: Int) -> [MerkleHash] {
        bytes.withUnsafeBytes { buffer in
            (0..<count).map { MerkleHash(leafBytes: UnsafeRawBufferPointer(rebasing: buffer[bounds($0)])) }
        }
    }

    private func bounds(_ position: Int) -> Range<Int> {
        ((position == 0 ? 0 : ends[position - 1]) + 2)..<ends[position]
    }

    /// The bytes of a bundle of the given entries.
    ///
    /// - Throws: A `Problem` (invalid): `tile.width` unless there are 1…256, `tile.leaf` for one longer than
    ///   ``leafLimit``.
    public static func encode(_ leaves: [[UInt8]]) throws(Problem) -> [UInt8] {
        guard (1...Tile.fullWidth).contains(leaves.count) else { throw HashTile.unfit(leaves.count) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(leaves.reduce(0) { $0 + 2 + $1.count })
        for leaf in leaves {
            guard leaf.count <= leafLimit else {
                throw Problem(
                    .invalid, code: "tile.leaf",
                    "An entry of \(leaf.count) bytes does not fit into a bundle, which takes \(leafLimit).")
            }
            bytes.append(UInt8(truncatingIfNeeded: leaf.count >> 8))
            bytes.append(UInt8(truncatingIfNeeded: leaf.count))
            bytes.append(contentsOf: leaf)
        }
        return bytes
    }
}

extension MerkleHash {
    /// The hash of a leaf that lies in a larger buffer: SHA-256(0x00 ‖ bytes).
    init(leafBytes bytes: UnsafeRawBufferPointer) {
        var hasher = SHA256()
        withUnsafeBytes(of: UInt8(0)) { hasher.update(bufferPointer: $0) }
        hasher.update(bufferPointer: bytes)
        self = hasher.finalize().withUnsafeBytes { MerkleHash(copying: $0) }
    }
}
