import Kernel
import Testing

@testable import Ledger

struct MerkleTreeTests {
    /// RFC 6962's test leaves as used by certificate-transparency-go: d0 is empty, d1 is 00, and so on; roots of the first 1…8.
    @Test func theWellKnownTreesHaveTheirWellKnownRoots() {
        let data: [[UInt8]] = [
            [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], Array(0x50...0x57),
            Array(0x60...0x6F),
        ]
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        var frontier = MerkleFrontier()
        #expect(
            frontier.root.bytes.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for (leaf, root) in zip(data, roots) {
            frontier.append(MerkleHash(leaf: leaf))
            #expect(frontier.root.bytes.hex == root)
        }
    }

    @Test func theFrontiersRootIsTheDefinedRootAtEverySize() {
        let leaves = (0..<600).map(MerkleHash.leaf)
        var frontier = MerkleFrontier()
        for size in 0...600 {
            if size > 0 { frontier.append(leaves[size - 1]) }
            #expect(frontier.size == UInt64(size))
            if size < 40 || size % 37 == 0 || size > 590 || (250..<262).contains(size) {
                #expect(frontier.root == .definition(leaves[..<size]))
            }
        }
    }

    @Test func aFrontierSurvivesBeingStored() throws {
        var frontier = MerkleFrontier()
        for number in 0..<300 {
            let read = try MerkleFrontier(encoded: frontier.encoded)
            #expect(read == frontier)
            frontier.append(.leaf(number))
        }
    }

    @Test(
        arguments: [
            [], [1], [2, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0, 0, 0, 0, 9],
        ] as [[UInt8]])
    func aDamagedFrontierIsRefused(bytes: [UInt8]) {
        #expect(throws: Problem.self) { try MerkleFrontier(encoded: bytes) }
    }

    @Test func appendingReportsEachCompletedTileOnceWithItsRoot() {
        let leaves = (0..<(256 * 5 + 7)).map(MerkleHash.leaf)
        var frontier = MerkleFrontier()
        var completed: [MerkleFrontier.CompletedNode] = []
        for leaf in leaves { completed += frontier.append(leaf) }
        #expect(completed.map(\.level) == [8, 8, 8, 8, 8])
        for (index, node) in completed.enumerated() {
            #expect(node.index == UInt64(index))
            #expect(node.hash == .definition(leaves[(index * 256)..<(index * 256 + 256)]))
        }
    }

    @Test func level16IsReportedWhen65536LeavesAreFull() {
        var frontier = MerkleFrontier()
        var completed: [MerkleFrontier.CompletedNode] = []
        for number in 0..<65_536 { completed += frontier.append(.leaf(number % 7)) }
        #expect(completed.count == 257)
        #expect(completed.last?.level == 16 && completed.last?.index == 0 && completed.last?.hash == frontier.root)
    }

    @Test func everyProofOfEverySmallTreeVerifies() throws {
        let leaves = (0..<40).map(MerkleHash.leaf)
        for size in 1...40 {
            let tree = StoredTree(leaves[..<size])
            var reader = tree.reader()
            let root = try reader.root()
            #expect(root == .definition(leaves[..<size]))
            for index in 0..<size {
                try MerkleVerification.verifyInclusion(
                    leaf: leaves[index], index: UInt64(index), size: UInt64(size),
                    proof: reader.inclusionProof(of: UInt64(index)), root: root)
            }
            for earlier in 1...size {
                try MerkleVerification.verifyConsistency(
                    earlierSize: UInt64(earlier), earlierRoot: .definition(leaves[..<earlier]), size: UInt64(size),
                    root: root,
                    proof: reader.consistencyProof(from: UInt64(earlier)))
            }
        }
    }

    @Test func everySubtreeOfASmallTreeCanBeProved() throws {
        let leaves = (0..<23).map(MerkleHash.leaf)
        var reader = StoredTree(leaves).reader()
        let root = try reader.root()
        var count = 0
        for start in UInt64(0)..<23 {
            for end in (start + 1)...23 where MerkleShape.isSubtree(start..<end) {
                try MerkleVerification.verifyConsistency(
                    subtree: start..<end, subtreeRoot: .definition(leaves[Int(start)..<Int(end)]), size: 23, root: root,
                    proof: reader.consistencyProof(ofSubtree: start..<end))
                count += 1
            }
        }
        #expect(count > 60)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func proofsOfRandomTreesVerifyAndWrongOnesDoNot(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<20 {
            let size = UInt64.random(in: 2...600, using: &random)
            let leaves = (0..<Int(size)).map { MerkleHash.leaf($0 &* Int(seed)) }
            var reader = StoredTree(leaves).reader()
            let root = try reader.root()
            let index = UInt64.random(in: 0..<size, using: &random)
            let leaf = leaves[Int(index)]
            let proof = try reader.inclusionProof(of: index)
            func holds(_ leaf: MerkleHash, _ index: UInt64, _ size: UInt64, _ proof: [MerkleHash], _ root: MerkleHash)
                -> Bool
            {
                (try? MerkleVerification.verifyInclusion(leaf: leaf, index: index, size: size, proof: proof, root: root))
                    != nil
            }
            #expect(holds(leaf, index, size, proof, root))
            let stranger = MerkleHash.leaf(-1)
            #expect(!holds(stranger, index, size, proof, root))
            #expect(!holds(leaf, index, size, proof, stranger))
            #expect(!holds(leaf, (index + 1) % size, size, proof, root))
            #expect(!holds(leaf, index, size, proof + [stranger], root))
            #expect(!holds(leaf, index, size, [stranger] + proof, root))
            #expect(!holds(leaf, index, size, proof.dropLast(), root))
            for position in proof.indices {
                var wrong = proof
                wrong[position] = stranger
                #expect(!holds(leaf, index, size, wrong, root))
            }
            let earlier = UInt64.random(in: 1..<size, using: &random)
            let earlierRoot = MerkleHash.definition(leaves[..<Int(earlier)])
            let consistency = try reader.consistencyProof(from: earlier)
            func agrees(_ earlier: UInt64, _ earlierRoot: MerkleHash, _ root: MerkleHash, _ proof: [MerkleHash]) -> Bool
            {
                (try? MerkleVerification.verifyConsistency(
                    earlierSize: earlier, earlierRoot: earlierRoot, size: size, root: root, proof: proof)) != nil
            }
            #expect(agrees(earlier, earlierRoot, root, consistency))
            #expect(!agrees(earlier, stranger, root, consistency))
            #expect(!agrees(earlier, earlierRoot, stranger, consistency))
            #expect(!agrees(earlier, earlierRoot, root, consistency + [stranger]))
            #expect(!agrees(0, .emptyRoot, root, []))
            for position in consistency.indices {
                var wrong = consistency
                wrong[position] = stranger
                #expect(!agrees(earlier, earlierRoot, root, wrong))
            }
        }
    }

    @Test func aReaderOfAnEarlierSizeLeavesLaterEntriesAlone() throws {
        let leaves = (0..<1000).map(MerkleHash.leaf)
        let tree = StoredTree(leaves)
        for size in [1, 255, 256, 257, 511, 513, 999] {
            var reader = tree.reader(size: UInt64(size))
            #expect(try reader.root() == .definition(leaves[..<size]))
        }
    }

    @Test func aProofAboutALargeTreeNeedsFewQueries() throws {
        let size: UInt64 = 70_000
        let tree = StoredTree((0..<Int(size)).map { MerkleHash.leaf($0 % 11) })
        let asked = Asked()
        let levels = tree.levels
        var reader = MerkleReader(size: size) { level, range in
            asked.ranges.append(range)
            return Array((levels[level] ?? [])[Int(range.lowerBound)..<Int(range.upperBound)])
        }
        try MerkleVerification.verifyInclusion(
            leaf: levels[0]?[12_345] ?? .emptyRoot, index: 12_345, size: size,
            proof: reader.inclusionProof(of: 12_345), root: tree.frontier.root)
        #expect(asked.ranges.count <= 6)
        #expect(asked.ranges.allSatisfy { $0.count <= 256 })
    }

    /// What a source was asked for.
    private final class Asked {
        var ranges: [Range<UInt64>] = []
    }

    @Test func aSourceThatGivesTooLittleIsReported() {
        var reader = MerkleReader(size: 10) { _, _ in [] }
        #expect { try reader.root() } throws: { ($0 as? Problem)?.code == "ledger.incomplete" }
    }
}
