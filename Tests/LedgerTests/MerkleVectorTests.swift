import Crypto
import Foundation
import Kernel
import Testing

@testable import Ledger

/// The proof vectors of transparency-dev/merkle (Apache-2.0), read where they lie.
@Suite(.enabled(if: Shared.folder != nil, "the folder of shared vectors is not beside this checkout"))
struct MerkleVectorTests {
    private struct Vector: Decodable {
        var leafIdx, treeSize, start, end, size, size1, size2: UInt64?
        var root, leafHash, root1, root2: Data?
        var proof: [Data]?
        var wantErr: Bool
    }

    private struct Malformed: Error {}

    @Test(arguments: [("inclusion", 98), ("consistency", 98), ("subtreeinclusion", 204), ("subtreeconsistency", 118)])
    func everyVectorIsAcceptedOrRefusedAsItsMakersSay(folder: String, count: Int) throws {
        let files = Shared.files("merkle/\(folder)")
        #expect(files.count == count)
        for file in files {
            let vector = try JSONDecoder().decode(Vector.self, from: Data(contentsOf: file))
            #expect(holds(vector, in: folder) == !vector.wantErr, "\(file.path)")
        }
    }

    private func holds(_ vector: Vector, in folder: String) -> Bool {
        do {
            let proof = try (vector.proof ?? []).map { bytes -> MerkleHash in
                guard let hash = MerkleHash(bytes: [UInt8](bytes)) else { throw Malformed() }
                return hash
            }
            switch folder {
            case "inclusion":
                try MerkleVerification.verifyInclusion(
                    leaf: hash(vector.leafHash), index: #require(vector.leafIdx), size: #require(vector.treeSize),
                    proof: proof,
                    root: hash(vector.root))
            case "subtreeinclusion":
                try MerkleVerification.verifyInclusion(
                    leaf: hash(vector.leafHash), index: #require(vector.leafIdx), subtree: range(vector), proof: proof,
                    root: hash(vector.root))
            case "consistency":
                try MerkleVerification.verifyConsistency(
                    earlierSize: #require(vector.size1), earlierRoot: hash(vector.root1), size: #require(vector.size2),
                    root: hash(vector.root2), proof: proof)
            default:
                try MerkleVerification.verifyConsistency(
                    subtree: range(vector), subtreeRoot: hash(vector.root1), size: #require(vector.size),
                    root: hash(vector.root2), proof: proof)
            }
            return true
        } catch { return false }
    }

    private func range(_ vector: Vector) throws -> Range<UInt64> {
        guard let start = vector.start, let end = vector.end, start <= end else { throw Malformed() }
        return start..<end
    }

    /// Some vectors hold words such as "don't care" where any root would do; their digest stands for them.
    private func hash(_ bytes: Data?) throws -> MerkleHash {
        guard let bytes, !bytes.isEmpty else { throw Malformed() }
        if let hash = MerkleHash(bytes: [UInt8](bytes)) { return hash }
        guard let hash = MerkleHash(bytes: Array(SHA256.hash(data: bytes))) else { throw Malformed() }
        return hash
    }
}
