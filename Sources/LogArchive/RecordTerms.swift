import Glibc

/// Finds the records that hold all of some terms, whatever the case of their ASCII letters.
struct RecordTerms {
    /// A term in lower case, and the byte of it that logs hold least often.
    private struct Term {
        let bytes: [UInt8]
        let rare: Int
    }

    /// The rarest first: most records are told apart by it alone.
    private let terms: [Term]
    /// The block in lower case; it keeps its memory from block to block.
    private var folded: [UInt8] = []

    init(_ terms: [[UInt8]]) {
        self.terms = terms.map { bytes in
            let folded = bytes.map(Self.fold)
            let rare = folded.indices.max { Self.rarity(folded[$0]) < Self.rarity(folded[$1]) } ?? 0
            return Term(bytes: folded, rare: rare)
        }.sorted { (Self.rarity($0.bytes[$0.rare]), $0.bytes.count) > (Self.rarity($1.bytes[$1.rare]), $1.bytes.count) }
    }

    var isEmpty: Bool { terms.isEmpty }

    /// What a search has to do once for a block, before it looks into its batches.
    mutating func take(_ plain: [UInt8]) {
        guard !terms.isEmpty else { return }
        if folded.count < plain.count {
            folded.append(contentsOf: repeatElement(0, count: plain.count - folded.count))
        }
        folded.withUnsafeMutableBufferPointer { folded in
            plain.withUnsafeBufferPointer { plain in
                for index in plain.indices { folded[index] = Self.fold(plain[index]) }
            }
        }
    }

    /// Says which records hold all terms, in their order.
    ///
    /// - Parameters:
    ///   - start: Where the first record begins in the block that was taken.
    ///   - ends: Where each record ends.
    func matches(from start: Int, ends: [Int], _ found: (_ record: Int) -> Void) {
        guard let first = terms.first, let end = ends.last else {
            for record in ends.indices { found(record) }
            return
        }
        folded.withUnsafeBytes { folded in
            guard let base = folded.baseAddress else { return }
            var record = 0
            var recordStart = start
            var place = start
            while let hit = Self.find(first, base, from: place, to: end) {
                while ends[record] <= hit {
                    recordStart = ends[record]
                    record += 1
                }
                guard hit + first.bytes.count <= ends[record] else {
                    // It reaches over the record's end, so it is no part of any; another may begin in the next record.
                    place = hit + 1
                    continue
                }
                if terms.dropFirst().allSatisfy({ Self.find($0, base, from: recordStart, to: ends[record]) != nil }) {
                    found(record)
                }
                place = ends[record]
            }
        }
    }

    /// Looks for the term's rarest byte, and compares only there.
    private static func find(_ term: Term, _ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int? {
        let count = term.bytes.count
        guard end - start >= count else { return nil }
        return term.bytes.withUnsafeBytes { bytes in
            guard let wanted = bytes.baseAddress else { return nil }
            var place = start + term.rare
            let last = end - count + term.rare
            while place <= last {
                guard let hit = memchr(base + place, Int32(bytes[term.rare]), last - place + 1) else { return nil }
                let found = base.distance(to: hit)
                if memcmp(base + found - term.rare, wanted, count) == 0 { return found - term.rare }
                place = found + 1
            }
            return nil
        }
    }

    private static func fold(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Bytes of logs in the order of how often they come; what is not among them is rarer still.
    private static let common = Array(" e0123456789:-./tosnairdlcpu[]()\"=_,mhf".utf8)

    private static func rarity(_ byte: UInt8) -> Int { common.firstIndex(of: byte) ?? common.count }
}
