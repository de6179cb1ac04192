import Kernel
import Ledger

/// Fetches the tiles of a walk some steps ahead, so that following does not wait for one round trip after the other.
actor TileAhead {
    private let client: OutsideClient
    private let address: String
    private var coming: any IteratorProtocol<Tile>
    private var bundleNext: Tile?
    private var underWay: [Tile: Task<[UInt8], any Error>] = [:]

    /// How many requests run at once.
    private static let window = 8

    /// - Parameters:
    ///   - earlier: How many entries are known.
    ///   - size: How many there shall be.
    init(client: OutsideClient, address: String, from earlier: UInt64, to size: UInt64) {
        self.client = client
        self.address = address
        coming = Tile.tiles(of: .entries, from: earlier, to: size).makeIterator()
    }

    /// The content at `path`.
    func content(at path: TilePath) async throws -> [UInt8] {
        guard case .tile(let tile) = path else { return try await fetch(path, limit: SignedNote.sizeLimit) }
        fill()
        let task = underWay.removeValue(forKey: tile) ?? start(tile)
        fill()
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Lets go of what was fetched for nothing.
    func stop() {
        for task in underWay.values { task.cancel() }
        underWay = [:]
        coming = EmptyCollection<Tile>().makeIterator()
        bundleNext = nil
    }

    private func fill() {
        while underWay.count < Self.window, let tile = next() {
            if underWay[tile] == nil { underWay[tile] = start(tile) }
        }
    }

    /// The tiles in the order of the walk: each bundle, then the hashes over it.
    private func next() -> Tile? {
        if let bundle = bundleNext {
            bundleNext = nil
            if let hashes = Tile(.hashes(level: 0), index: bundle.index, width: bundle.width) { return hashes }
        }
        bundleNext = coming.next()
        return bundleNext
    }

    private func start(_ tile: Tile) -> Task<[UInt8], any Error> {
        Task { try await fetch(.tile(tile), limit: tile.byteLimit) }
    }

    private nonisolated func fetch(_ path: TilePath, limit: Int) async throws -> [UInt8] {
        try await client.get("\(address)/\(path)", limit: limit)
    }
}
