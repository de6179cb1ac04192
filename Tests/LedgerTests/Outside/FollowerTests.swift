import Kernel
import Testing

@testable import Ledger

struct FollowerTests {
    @Test(arguments: [0, 1, 2, 255, 256, 257, 511, 512, 600])
    func anHonestLogIsFollowedFromEverySizeToEverySize(start: Int) async throws {
        let log = try ServedLog(600)
        for end in [0, 1, 2, 255, 256, 257, 511, 512, 600] where end >= start {
            var follower = try await log.follower(at: start)
            follower = try LedgerFollower(parsing: follower.encoded)
            var seen: [[UInt8]] = []
            var indexes: [UInt64] = []
            let report = try await follower.advance(to: log.checkpoint(end).encoded) { index, entry in
                indexes.append(index)
                seen.append(Array(entry))
            } fetch: {
                try log.serve($0)
            }
            #expect(report.entries == UInt64(start)..<UInt64(end))
            #expect(indexes == Array(report.entries) && seen == Array(log.leaves[start..<end]))
            #expect(try report.checkpoint.root == log.root(end) && follower.root == report.checkpoint.root)
            #expect(try follower.size == UInt64(end) && follower.note == log.checkpoint(end))
        }
    }

    @Test func thousandsOfEntriesAreFollowedAcrossThreeLevels() async throws {
        let log = try ServedLog.large.get()
        var follower = LedgerFollower(trusting: log.signer.verifier)
        for end in [1, 257, 65_535, 65_536, 65_537] {
            let report = try await follower.advance(to: log.checkpoint(end).encoded) { try log.serve($0) }
            #expect(report.checkpoint.size == UInt64(end))
            follower = try LedgerFollower(parsing: follower.encoded)
        }
        var audit = LedgerFollower(trusting: log.signer.verifier)
        let report = try await audit.advance(to: log.checkpoint(65_537).encoded) { try log.serve($0) }
        #expect(audit == follower)
        // 257 bundles and as many tiles of leaf hashes, one of level 1 and one of level 2.
        #expect(report.tiles == 257 + 257 + 1 + 1)
    }

    @Test func exactlyTheTilesThatGrewAreFetchedAndNoneTwice() async throws {
        let log = try ServedLog(1300)
        var follower = try await log.follower(at: 300)
        var paths: [String] = []
        try await follower.advance(to: log.checkpoint(1300).encoded) {
            paths.append($0.description)
            return try log.serve($0)
        }
        let places = ["001", "002", "003", "004", "005.p/20"]
        #expect(
            Set(paths) == Set(places.map { "tile/entries/\($0)" } + places.map { "tile/0/\($0)" } + ["tile/1/000.p/5"]))
        #expect(paths.count == 11)
    }

    @Test func aPartialTileThatIsGoneIsTakenFromTheFullOne() async throws {
        let log = try ServedLog(1024)
        for (start, end) in [(0, 300), (200, 300), (300, 520)] {
            var follower = try await log.follower(at: start)
            try await follower.advance(to: log.checkpoint(end).encoded) { path in
                guard case .tile(let tile) = path, tile.isFull || tile.content == .hashes(level: 1) else {
                    throw Problem(.notFound, code: "test.tile", "It was taken away.")
                }
                return try log.serve(path)
            }
            #expect(follower.size == UInt64(end))
        }
    }

    @Test func newCosignaturesOnTheSameTreeAreKept() async throws {
        let log = try ServedLog(5)
        var follower = try await log.follower(at: 5)
        let witness = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32))
        let note = try log.checkpoint(5)
        let cosigned = try note.adding(witness.cosign(note.text, at: Instant(milliseconds: 0)))
        let report = try await follower.advance(to: cosigned.encoded) { try log.serve($0) }
        #expect(report.entries.isEmpty && report.tiles == 0 && follower.note == cosigned)
        #expect(try LedgerFollower(parsing: follower.encoded) == follower)
    }

    @Test func aFailedDownloadLeavesTheFollowerWhereItWas() async throws {
        let log = try ServedLog(600)
        var follower = try await log.follower(at: 300)
        let before = follower
        let broken = Problem(.unavailable, code: "test.network", "The network is down.")
        await #expect(throws: broken) {
            try await follower.advance(to: log.checkpoint(600).encoded) {
                guard $0.description != "tile/entries/002.p/88" else { throw broken }
                return try log.serve($0)
            }
        }
        #expect(follower == before)
        await #expect(throws: broken) {
            try await follower.advance(to: log.checkpoint(600).encoded) { _, _ in
                throw broken
            } fetch: {
                try log.serve($0)
            }
        }
        #expect(follower == before)
    }

    @Test func aCancelledFollowerStops() async throws {
        let log = try ServedLog(600)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var follower = LedgerFollower(trusting: log.signer.verifier)
            try await follower.advance(to: log.checkpoint(600).encoded) { try log.serve($0) }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func theStateHasOneSpellingAndMustFitItsOwnCheckpoint() async throws {
        let log = try ServedLog(300)
        let state = try await log.follower(at: 300).encoded
        for index in state.indices {
            var bytes = state
            bytes[index] ^= 1
            #expect(code { try LedgerFollower(parsing: bytes) } == "follower.malformed", "byte \(index)")
        }
        for bytes in [[], state.dropLast(), state + [0x0A], [0x0A] + state] as [[UInt8]] {
            #expect(code { try LedgerFollower(parsing: bytes) } == "follower.malformed")
        }
        let fresh = LedgerFollower(trusting: log.signer.verifier)
        #expect(try LedgerFollower(parsing: fresh.encoded) == fresh)
        let text = String(decoding: state, as: UTF8.self)
        let withoutNote = Array("\(text.prefix(while: { $0 != "—" }).split(separator: "\n\n")[0])\n".utf8)
        #expect(code { try LedgerFollower(parsing: withoutNote) } == "follower.malformed")
        #expect(code { try LedgerFollower(parsing: fresh.encoded + [0x0A]) } == "follower.malformed")
    }
}
