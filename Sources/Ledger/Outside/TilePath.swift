/// The path of a resource below a log's prefix (c2sp.org/tlog-tiles); of each there is one spelling only.
public enum TilePath: Hashable, Sendable {
    /// `checkpoint`: the newest signed checkpoint.
    case checkpoint
    /// `tile/<level>/<index>` or `tile/entries/<index>`, with `.p/<width>` behind it if the tile is partial.
    case tile(Tile)
}

extension TilePath: CustomStringConvertible, LosslessStringConvertible {
    /// The path without a slash at either end.
    public var description: String {
        switch self {
        case .checkpoint: return Self.checkpointName
        case .tile(let tile):
            let kind =
                switch tile.content {
                case .entries: Self.entriesName
                case .hashes(let level): String(level)
                }
            let path = "tile/\(kind)/\(Self.spelled(tile.index))"
            return tile.isFull ? path : "\(path).p/\(tile.width)"
        }
    }

    /// Reads a path.
    ///
    /// - Returns: `nil` for every other spelling and for numbers out of range.
    public init?(_ text: String) {
        // Longer than the longest path, so that a stranger's request costs nothing.
        guard text.utf8.count <= 64 else { return nil }
        guard text != Self.checkpointName else {
            self = .checkpoint
            return
        }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard parts.popFirst() == "tile", let kind = parts.popFirst(), var last = parts.popLast() else { return nil }
        var width = Tile.fullWidth
        if let end = parts.last, end.hasSuffix(".p") {
            guard let number = Int(last) else { return nil }
            width = number
            last = end.dropLast(2)
            parts.removeLast()
        }
        guard let index = UInt64((parts.map { $0.dropFirst() } + [last]).joined()) else { return nil }
        let content: Tile.Content
        if kind == Self.entriesName {
            content = .entries
        } else {
            guard let level = Int(kind) else { return nil }
            content = .hashes(level: level)
        }
        guard let tile = Tile(content, index: index, width: width) else { return nil }
        self = .tile(tile)
        // What was read generously above is held to the one spelling here: signs, zeros, groups, a width of 256.
        guard description.utf8.elementsEqual(text.utf8) else { return nil }
    }

    private static let checkpointName = "checkpoint"
    private static let entriesName = "entries"

    /// The index in groups of three digits, all but the last marked with an x: `x001/x234/067`.
    private static func spelled(_ index: UInt64) -> String {
        var groups: [String] = []
        var rest = index
        repeat {
            let digits = String(rest % 1000)
            let zeros = String(repeating: "0", count: 3 - digits.count)
            groups.append("\(groups.isEmpty ? "" : "x")\(zeros)\(digits)")
            rest /= 1000
        } while rest > 0
        return groups.reversed().joined(separator: "/")
    }
}
