import Foundation
import Kernel

@testable import Ledger

/// A small deterministic generator (SplitMix64), so that a failing case can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The folder of vectors that others made, which lies beside the checkout on machines that have it.
enum Shared {
    static let folder: URL? = {
        var directory = URL(filePath: #filePath).resolvingSymlinksInPath()
        while directory.path != "/" {
            directory.deleteLastPathComponent()
            let shared = directory.appending(path: "shared/conformance")
            if FileManager.default.fileExists(atPath: shared.path) { return shared }
        }
        return nil
    }()

    static func files(_ path: String) -> [URL] {
        guard let folder else { return [] }
        let walk = FileManager.default.enumerator(at: folder.appending(path: path), includingPropertiesForKeys: nil)
        var files: [URL] = []
        while let file = walk?.nextObject() as? URL {
            if file.pathExtension == "json" { files.append(file) }
        }
        return files.sorted { $0.path < $1.path }
    }
}

extension MerkleHash {
    /// The leaf hash of a number, for trees of many different leaves.
    static func leaf(_ number: Int) -> MerkleHash { MerkleHash(leaf: Array("leaf \(number)".utf8)) }

    /// The root straight from the definition in RFC 6962 §2.1.
    static func definition(_ leaves: ArraySlice<MerkleHash>) -> MerkleHash {
        guard let first = leaves.first else { return .emptyRoot }
        guard leaves.count > 1 else { return first }
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        return MerkleHash(
            left: definition(leaves.prefix(half)), right: definition(leaves.dropFirst(half)))
    }
}

/// What storage keeps of a tree: the leaves and the completed nodes of every eighth level.
struct StoredTree {
    private(set) var levels: [Int: [MerkleHash]] = [0: []]
    private(set) var frontier = MerkleFrontier()

    init(_ leaves: some Sequence<MerkleHash>) {
        for leaf in leaves {
            levels[0, default: []].append(leaf)
            for node in frontier.append(leaf) {
                levels[node.level, default: []].append(node.hash)
            }
        }
    }

    func reader(size: UInt64? = nil) -> MerkleReader {
        MerkleReader(size: size ?? frontier.size) { [levels] level, range in
            Array((levels[level] ?? [])[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }
}
