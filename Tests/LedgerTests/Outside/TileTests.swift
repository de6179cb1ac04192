import Kernel
import Testing

@testable import Ledger

struct TileTests {
    @Test(
        arguments: [
            ("checkpoint", nil, 0, 0),
            ("tile/0/000", 0, 0, 256), ("tile/0/000.p/1", 0, 0, 1), ("tile/0/000.p/255", 0, 0, 255),
            ("tile/3/999", 3, 999, 256), ("tile/3/x001/000", 3, 1000, 256),
            ("tile/63/x001/x234/067", 63, 1_234_067, 256),
            ("tile/7/x001/x000/000.p/17", 7, 1_000_000, 17), ("tile/entries/x001/x234/067", -1, 1_234_067, 256),
            ("tile/entries/012.p/34", -1, 12, 34), ("tile/0/x036/x028/x797/x018/x963/967", 0, 1 << 55 - 1, 256),
        ] as [(String, Int?, UInt64, Int)])
    func aPathIsReadAndWrittenInItsOneSpelling(text: String, level: Int?, index: UInt64, width: Int) throws {
        let path = try #require(TilePath(text))
        #expect(path.description == text)
        let content = level.map { $0 < 0 ? Tile.Content.entries : .hashes(level: $0) }
        #expect(path == content.flatMap { Tile($0, index: index, width: width) }.map { .tile($0) } ?? .checkpoint)
    }

    @Test(arguments: [
        "", "/checkpoint", "checkpoint/", "Checkpoint", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00",
        "tile/0/0000", "tile/00/000", "tile/+1/000", "tile/-1/000", "tile/64/000", "tile/x/000", "tile/0/x00/000",
        "tile/0/000/000", "tile/0/x000/000", "tile/0/x001/00", "tile/0/x001/x000", "tile/0/y001/000", "tile/0/x1/000",
        "tile/0/001/000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/000.p/+1", "tile/0/000.p/1/", "tile/0/000.p/1/2", "tile/0/.p/1", "tile/0/000.q/1", "tile/0/000 ",
        "tile//000", "tile/entries", "tile/entries/", "tile/Entries/000", "tile/entries/000.p/300", "tile/data/000",
        "tile/0/000\n", "tile/0/０００", "tile/0/000\u{301}", "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/\(String(repeating: "x001/", count: 40))001",
    ])
    func everyOtherPathIsRefused(text: String) {
        #expect(TilePath(text) == nil)
    }

    @Test func everyTileHasAPathThatLeadsBackToIt() throws {
        var random = Seeded(11)
        for _ in 0..<500 {
            let bits = UInt64.random(in: 0..<55, using: &random)
            let level = Int.random(in: -1...63, using: &random)
            let tile = try #require(
                Tile(
                    level < 0 ? .entries : .hashes(level: level),
                    index: UInt64.random(in: 0...(1 << bits), using: &random),
                    width: Int.random(in: 1...256, using: &random)))
            #expect(TilePath(TilePath.tile(tile).description) == .tile(tile))
        }
    }

    @Test func aTileOutOfRangeDoesNotExist() {
        #expect(Tile(.entries, index: 0, width: 0) == nil)
        #expect(Tile(.entries, index: 0, width: 257) == nil)
        #expect(Tile(.entries, index: 1 << 55) == nil)
        #expect(Tile(.hashes(level: 64), index: 0) == nil)
        #expect(Tile(.hashes(level: -1), index: 0) == nil)
        #expect(Array(Tile.tiles(of: .hashes(level: -1), to: 1000)).isEmpty)
        #expect(Array(Tile.tiles(of: .hashes(level: 8), to: .max)).isEmpty)
    }

    /// The example in c2sp.org/tlog-tiles.
    @Test func aTreeOf70000EntriesHasTheTilesOfTheSpecification() {
        #expect(Tile.hashLevels(inTreeOf: 70_000) == 0..<3)
        let leaves = Array(Tile.tiles(of: .hashes(level: 0), to: 70_000))
        #expect(leaves.count == 274 && leaves.filter(\.isFull).count == 273 && leaves.last?.width == 112)
        #expect(Array(Tile.tiles(of: .hashes(level: 1), to: 70_000)).map(\.width) == [256, 17])
        #expect(Array(Tile.tiles(of: .hashes(level: 2), to: 70_000)).map(\.width) == [1])
        #expect(Array(Tile.tiles(of: .hashes(level: 3), to: 70_000)).isEmpty)
        #expect(Array(Tile.tiles(of: .hashes(level: 1), to: 256)).map(\.width) == [1])
    }

    @Test(arguments: [(0, 0), (1, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 3), (1 << 24, 4), (.max, 8)])
    func aTreeHasALevelForEachEightBitsOfItsSize(size: UInt64, levels: Int) {
        #expect(Tile.hashLevels(inTreeOf: size) == 0..<levels)
        for level in 0..<9 {
            #expect((Tile.Content.hashes(level: level).count(inTreeOf: size) > 0) == (level < levels))
        }
    }

    @Test func growthNeedsExactlyTheTilesThatHoldSomethingNew() {
        var random = Seeded(12)
        for _ in 0..<200 {
            let size = UInt64.random(in: 0...200_000, using: &random)
            let earlier = UInt64.random(in: 0...size, using: &random)
            for content in [Tile.Content.entries, .hashes(level: 0), .hashes(level: 1), .hashes(level: 2)] {
                let all = Array(Tile.tiles(of: content, to: size))
                #expect(all.reduce(0) { $0 + UInt64($1.width) } == content.count(inTreeOf: size))
                #expect(all.allSatisfy { $0.isHeld(byTreeOf: size) } && all.dropLast().allSatisfy(\.isFull))
                let known = content.count(inTreeOf: earlier)
                #expect(
                    Array(Tile.tiles(of: content, from: earlier, to: size))
                        == all.filter { $0.positions.upperBound > known })
            }
        }
        #expect(Array(Tile.tiles(of: .entries, from: 9, to: 4)).isEmpty)
    }

    @Test func aTileThatReachesBeyondTheTreeIsNotHeld() throws {
        let tile = try #require(Tile(.hashes(level: 1), index: 0, width: 2))
        #expect(!tile.isHeld(byTreeOf: 511) && tile.isHeld(byTreeOf: 512))
    }

    @Test(arguments: [1, 2, 255, 256])
    func hashesSurviveBeingServed(width: Int) throws {
        let hashes = (0..<width).map(MerkleHash.leaf)
        let bytes = try HashTile(hashes).encoded
        #expect(bytes.count == 32 * width)
        #expect(try HashTile(decoding: bytes, width: width).hashes == hashes)
        #expect(code { try HashTile(decoding: bytes.dropLast(), width: width) } == "tile.truncated")
        #expect(code { try HashTile(decoding: bytes + [0], width: width) } == "tile.oversized")
        #expect(code { try HashTile(decoding: [], width: width) } == "tile.truncated")
    }

    @Test(arguments: [1, 2, 255, 256])
    func entriesSurviveBeingServed(width: Int) throws {
        var random = Seeded(UInt64(width))
        let leaves = (0..<width).map { number -> [UInt8] in
            let length = number == 0 ? 0 : number == 1 ? EntryBundle.leafLimit : Int.random(in: 0...700, using: &random)
            return (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let bytes = try EntryBundle.encode(leaves)
        let bundle = try EntryBundle(decoding: bytes, width: width)
        #expect(bundle.count == width && (0..<width).allSatisfy { Array(bundle[$0]) == leaves[$0] })
        #expect(bundle.leafHashes(first: width) == leaves.map { MerkleHash(leaf: $0) })
        #expect(code { try EntryBundle(decoding: bytes.dropLast(), width: width) } == "tile.truncated")
        #expect(code { try EntryBundle(decoding: bytes + [0], width: width) } == "tile.oversized")
        #expect(code { try EntryBundle(decoding: [0], width: width) } == "tile.truncated")
    }

    @Test func whatDoesNotFitIntoATileIsRefused() throws {
        #expect(code { try HashTile([]) } == "tile.width")
        #expect(code { try HashTile(Array(repeating: .emptyRoot, count: 257)) } == "tile.width")
        #expect(code { try EntryBundle.encode([]) } == "tile.width")
        #expect(code { try EntryBundle.encode([Array(repeating: 0, count: 65_536)]) } == "tile.leaf")
        #expect(try EntryBundle.encode([[7], []]) == [0, 1, 7, 0, 0])
    }
}
