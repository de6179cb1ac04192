import Benchmark
import Crypto
import Kernel
import Ledger

/// A ledger of a million entries in memory: leaves, and every eighth level, as the store keeps them.
private struct Million: Sendable {
    static let size: UInt64 = 1_000_000

    let entry: [UInt8]
    let leaves: [MerkleHash]
    let nodes: [Int: [MerkleHash]]
    let root: MerkleHash

    init() throws {
        entry = try LedgerEntry(
            organisation: Identifier(high: 1, low: 2), at: Instant(milliseconds: 1_800_000_000_000),
            actor: "job:checks",
            action: "host.reported", subject: "host:0192f0c1-2b7a-7e11-9d3e-0123456789ab", rows: 22, content: .emptyRoot
        ).encoded
        var frontier = MerkleFrontier()
        var leaves: [MerkleHash] = []
        var nodes: [Int: [MerkleHash]] = [:]
        leaves.reserveCapacity(Int(Self.size))
        for number in 0..<Self.size {
            let leaf = MerkleHash(leaf: withUnsafeBytes(of: number) { Array($0) })
            leaves.append(leaf)
            for node in frontier.append(leaf) { nodes[node.level, default: []].append(node.hash) }
        }
        self.leaves = leaves
        self.nodes = nodes
        root = frontier.root
    }

    func reader() -> MerkleReader {
        MerkleReader(size: Self.size) { level, range in
            let stored = level == 0 ? leaves : nodes[level] ?? []
            return Array(stored[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }
}

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal], warmupIterations: 1, maxDuration: .seconds(5), maxIterations: 200)

    guard let million = try? Million() else { return }

    Benchmark("1,000,000 entries into the tree") { benchmark in
        for _ in benchmark.scaledIterations {
            var frontier = MerkleFrontier()
            for _ in 0..<Million.size { frontier.append(MerkleHash(leaf: million.entry)) }
            blackHole(frontier.root)
        }
    }
    Benchmark("Floor: 1,000,000 bare SHA-256 over the same bytes") { benchmark in
        for _ in benchmark.scaledIterations {
            for _ in 0..<Million.size { blackHole(SHA256.hash(data: million.entry)) }
        }
    }
    exportBenchmarks()

    Benchmark("Inclusion proof at 1,000,000 entries") { benchmark in
        for number in benchmark.scaledIterations {
            var reader = million.reader()
            blackHole(try reader.inclusionProof(of: UInt64(number * 7919) % Million.size))
        }
    }
    Benchmark("Consistency proof at 1,000,000 entries") { benchmark in
        for number in benchmark.scaledIterations {
            var reader = million.reader()
            blackHole(try reader.consistencyProof(from: UInt64(number * 7919) % Million.size + 1))
        }
    }
}
