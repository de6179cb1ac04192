/// One piece of a log as others fetch it (c2sp.org/tlog-tiles): up to 256 neighbouring entries, or hashes of one level.
///
/// This is only the arithmetic of where the pieces lie; ``TilePath`` writes it as a path, ``EntryBundle`` and
/// ``HashTile`` are the bytes.
public struct Tile: Hashable, Sendable {
    /// What the tile holds.
    public enum Content: Hashable, Sendable {
        /// The entries themselves.
        case entries
        /// The roots of the perfect subtrees of 256^`level` entries each; level 0 is that of the leaf hashes.
        case hashes(level: Int)

        /// How many of its nodes a tree of `size` entries has: ⌊size / 256^level⌋.
        public func count(inTreeOf size: UInt64) -> UInt64 {
            switch self {
            case .entries: size
            case .hashes(let level): Tile.levels.contains(level) ? size >> UInt64(8 * level) : 0
            }
        }
    }

    /// What the tile holds.
    public let content: Content
    /// The position among the tiles of its kind, from 0.
    public let index: UInt64
    /// How many entries or hashes it holds: 256 if it is full, else 1…255.
    public let width: Int

    /// The width of a full tile.
    public static let fullWidth = 256
    /// The most entries of a log that tiles are counted for here; none that fits on this planet is longer.
    public static let sizeLimit: UInt64 = 1 << 63
    static let levels = 0...63

    /// The tile with the given place, if there can be one.
    ///
    /// - Parameters:
    ///   - index: 0…2⁵⁵−1.
    ///   - width: 1…256.
    /// - Returns: `nil` if a number is out of range, or if the level is not in 0…63.
    public init?(_ content: Content, index: UInt64, width: Int = Tile.fullWidth) {
        if case .hashes(let level) = content, !Self.levels.contains(level) { return nil }
        guard index < Self.sizeLimit >> 8, (1...Self.fullWidth).contains(width) else { return nil }
        self.init(known: content, index: index, width: width)
    }

    private init(known content: Content, index: UInt64, width: Int) {
        self.content = content
        self.index = index
        self.width = width
    }

    /// Whether it holds all 256 that there is room for, so that it never changes any more.
    public var isFull: Bool { width == Self.fullWidth }

    /// The same place when it is full.
    public var full: Tile { Tile(known: content, index: index, width: Self.fullWidth) }

    /// The positions of what it holds on its level, which for entries and level 0 are the indexes of the entries.
    public var positions: Range<UInt64> { (index << 8)..<((index << 8) + UInt64(width)) }

    /// Whether a tree of `size` entries has all that the tile holds, so that a log of that size can serve it.
    public func isHeld(byTreeOf size: UInt64) -> Bool { positions.upperBound <= content.count(inTreeOf: size) }

    /// The most bytes that its content can have; more need not be read.
    public var byteLimit: Int {
        switch content {
        case .entries: width * (2 + EntryBundle.leafLimit)
        case .hashes: width * HashTile.hashSize
        }
    }
}

// MARK: - Which tiles there are

extension Tile {
    /// The tiles of one kind that a tree of `size` entries has and one of `earlier` entries has not, or not as wide.
    ///
    /// From 0 they are all of them. At most the last is partial; sizes above ``sizeLimit`` count as that.
    ///
    /// - Parameters:
    ///   - content: The kind.
    ///   - earlier: How many entries are known already; from `size` on there is nothing left to fetch.
    ///   - size: How many entries the tree has.
    public static func tiles(
        of content: Content, from earlier: UInt64 = 0, to size: UInt64
    ) -> some Sequence<Tile> & Sendable {
        let end = content.count(inTreeOf: min(size, sizeLimit))
        let start = min(content.count(inTreeOf: earlier), end)
        let indexes = start < end ? (start >> 8)..<(((end - 1) >> 8) + 1) : 0..<0
        return indexes.lazy.map { index in
            Tile(known: content, index: index, width: Int(min(UInt64(fullWidth), end - index << 8)))
        }
    }

    /// The levels on which a tree of `size` entries has hashes: none if it is empty, 0…2 for 70,000 entries.
    public static func hashLevels(inTreeOf size: UInt64) -> Range<Int> {
        0..<((64 - size.leadingZeroBitCount + 7) / 8)
    }
}
