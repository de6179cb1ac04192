import Kernel
import Testing

@testable import Ledger

struct EntryTests {
    private static let organisation = Identifier<LedgerOwner>(high: 0x0192_f0c1_2b7a_7e11, low: 0x9d3e_0123_4567_89ab)

    private func entry(
        actor: String = "operator", action: String = "policy.imported", subject: String? = nil, rows: UInt64 = 0
    )
        throws -> LedgerEntry
    {
        try LedgerEntry(
            organisation: Self.organisation, at: Instant(milliseconds: 1_770_000_000_123), actor: actor, action: action,
            subject: subject, rows: rows, content: rows == 0 ? .emptyRoot : .leaf(1))
    }

    @Test func anEntryIsWrittenInOneCanonicalForm() throws {
        let text = """
            vouchsafe/entry@v1
            organisation 0192f0c1-2b7a-7e11-9d3e-0123456789ab
            at 2026-02-02T02:40:00.123Z
            actor job:checks
            action policy.imported
            subject policy:0192f0c1-2b7a-7e11-9d3e-0123456789ab
            rows 3
            content \(MerkleHash.leaf(1))

            """
        let entry = try entry(actor: "job:checks", subject: "policy:\(Self.organisation)", rows: 3)
        #expect(String(decoding: entry.encoded, as: UTF8.self) == text)
        #expect(try LedgerEntry(parsing: Array(text.utf8)) == entry)
        #expect(entry.leafHash == MerkleHash(leaf: Array(text.utf8)))
    }

    @Test(arguments: [
        "operator", "public", "job:checks", "person:0192f0c1-2b7a-7e11-9d3e-0123456789ab", "token:a.b/c-d_e",
    ])
    func everyKindOfActorCanBeNamed(actor: String) throws {
        #expect(try LedgerEntry(parsing: entry(actor: actor).encoded).actor == actor)
    }

    @Test(arguments: [
        "", "-", "Operator", "person:", ":x", "person:a b", "person:a\nrows 9", "person:ü", "a:b:c", "a.", "-a", "a..b",
    ])
    func anUnfitActorIsRefused(actor: String) {
        #expect { try entry(actor: actor) } throws: { ($0 as? Problem)?.code == "entry.malformed" }
    }

    @Test(arguments: ["", "Policy", "policy imported", "policy.", "a:b", "-"])
    func anUnfitActionIsRefused(action: String) {
        #expect { try entry(action: action) } throws: { ($0 as? Problem)?.code == "entry.malformed" }
    }

    @Test func whateverIsChangedInTheTextIsRefusedOrReadAsAnotherEntry() throws {
        let entry = try entry(actor: "job:checks", subject: "policy:x", rows: 3)
        let bytes = entry.encoded
        for index in bytes.indices {
            for replacement in [UInt8(0), 0x09, 0x0A, 0x0D, 0x20, bytes[index] ^ 1, bytes[index] ^ 0x20, 0xFF]
            where replacement != bytes[index] {
                var changed = bytes
                changed[index] = replacement
                if let read = try? LedgerEntry(parsing: changed) {
                    #expect(read != entry && read.encoded == changed)
                }
            }
            var shorter = bytes
            shorter.remove(at: index)
            if let read = try? LedgerEntry(parsing: shorter) { #expect(read != entry && read.encoded == shorter) }
            #expect(throws: Problem.self) { try LedgerEntry(parsing: Array(bytes[..<index])) }
        }
        #expect(throws: Problem.self) { try LedgerEntry(parsing: bytes + [0x0A]) }
        #expect(throws: Problem.self) { try LedgerEntry(parsing: bytes + bytes) }
        #expect(throws: Problem.self) { try LedgerEntry(parsing: Array(repeating: 0x61, count: 70_000)) }
    }

    @Test func aTimeInAnotherSpellingIsRefused() throws {
        let text = String(decoding: try entry().encoded, as: UTF8.self).replacing("00.123Z", with: "00.1230Z")
        #expect { try LedgerEntry(parsing: Array(text.utf8)) } throws: { ($0 as? Problem)?.code == "entry.malformed" }
    }

    @Test func contentWithoutRowsIsRefused() {
        #expect(throws: Problem.self) {
            try LedgerEntry(
                organisation: Self.organisation, at: Instant(milliseconds: 0), actor: "operator", action: "a",
                subject: nil, rows: 0,
                content: .leaf(1))
        }
    }
}

struct RowDigestTests {
    @Test func theHeaderIsOneLineInWhichNoValueCanPassForAnother() {
        var header = RowHeader(table: "host", id: "a b%", version: 3)
        header.append("rank", .integer(-4))
        header.append("state", .text("up \"and\"\nrunning=~ü"))
        header.append("token", .blob([0, 0xFF]))
        header.append("left", .null)
        #expect(
            header.text
                == "host a%20b%25 3 rank=-4 state=\"up%20%22and%22%0arunning%3d%7e%c3%bc\" token=#00ff left=~")
        #expect(header.table == "host")
        #expect(RowHeader(line: header.bytes[...]) == header)
    }

    @Test func valuesOfDifferentKindsGiveDifferentHeaders() {
        let values: [RowHeader.Value] = [
            .integer(5), .text("5"), .blob([5]), .null, .text("~"), .text(""), .blob([]), .text("#05"),
            .text("a\" b=\"c"), .text("a"),
        ]
        let lines = values.map { value in
            var header = RowHeader(table: "t", id: "1", version: 1)
            header.append("a", value)
            return header.bytes
        }
        #expect(Set(lines).count == values.count)
    }

    @Test func saltHeaderAndBodyAllCount() {
        let header = RowHeader(table: "t", id: "1", version: 1)
        let salt = [UInt8](repeating: 1, count: 32)
        let digests = [
            RowDigest(salt: salt, header: header, body: [1]), RowDigest(salt: salt, header: header, body: [2]),
            RowDigest(salt: salt, header: RowHeader(table: "t", id: "1", version: 2), body: [1]),
            RowDigest(salt: [UInt8](repeating: 2, count: 32), header: header, body: [1]),
        ]
        #expect(Set(digests).count == 4)
        #expect(RowDigest(bytes: digests[0].bytes) == digests[0])
    }

    @Test(arguments: [0, 1, 2, 3, 7, 8, 300])
    func everyRowOfAChangeCanBeProvedAlone(count: Int) throws {
        let digests = (0..<count).map {
            RowDigest(
                salt: [UInt8](repeating: UInt8($0 & 255), count: 32),
                header: RowHeader(table: "t", id: "\($0)", version: 1), body: [])
        }
        let tree = ContentTree(digests)
        #expect(tree.root == .definition(digests.map { MerkleHash(leaf: $0.bytes) }[...]))
        for position in 0..<count {
            try MerkleVerification.verifyInclusion(
                leaf: MerkleHash(leaf: digests[position].bytes), index: UInt64(position), size: UInt64(count),
                proof: tree.proof(of: position), root: tree.root)
        }
        #expect(throws: Problem.self) { try tree.proof(of: count) }
    }
}
