import Kernel

/// What became of a policy's promises from one version to the next, told by the commitments' ids.
public struct PackDiff: Hashable, Sendable, Codable {
    /// One promise, named.
    public struct Entry: Hashable, Sendable, Codable {
        /// The commitment's id.
        public let id: String
        /// The promise in the pack's words.
        public let summary: String
    }

    /// A promise that is still made, but not as before.
    public struct Change: Hashable, Sendable, Codable {
        /// The commitment's id.
        public let id: String
        /// The promise in the new pack's words.
        public let summary: String
        /// What is different, one sentence each.
        public let differences: [Difference]
    }

    /// One thing that is different about a promise.
    public struct Difference: Hashable, Sendable, Codable {
        /// The field of the pack that differs.
        public let field: String
        /// What became of it, for people.
        public let description: String
        /// The promise asks for less than before: a check fewer, a lower threshold, older evidence.
        public let isWeaker: Bool
    }

    /// A promise that seems to be the same under another id; it counts as withdrawn and as new all the same.
    public struct Rename: Hashable, Sendable, Codable {
        /// The id in the old version.
        public let from: String
        /// The id in the new version.
        public let to: String
    }

    /// Promised as before.
    public let kept: [Entry]
    /// Promised still, but not as before.
    public let changed: [Change]
    /// Promised by the new version only.
    public let new: [Entry]
    /// Promised by the old version only.
    public let withdrawn: [Entry]
    /// Pairs of withdrawn and new promises that say the same.
    public let renamed: [Rename]

    /// Whether both versions promise the same.
    public var isEmpty: Bool { changed.isEmpty && new.isEmpty && withdrawn.isEmpty }

    /// Compares two versions of a policy's pack.
    public static func compare(_ old: Pack, _ new: Pack) -> PackDiff {
        let before = Dictionary(old.commitments.map { ($0.id, $0) }) { first, _ in first }
        let after = Dictionary(new.commitments.map { ($0.id, $0) }) { first, _ in first }
        var kept: [Entry] = []
        var changed: [Change] = []
        for commitment in new.commitments {
            guard let earlier = before[commitment.id] else { continue }
            let differences = CommitmentComparison(old: earlier, new: commitment).differences
            if differences.isEmpty {
                kept.append(Entry(commitment))
            } else {
                changed.append(Change(id: commitment.id, summary: commitment.summary, differences: differences))
            }
        }
        let added = new.commitments.filter { before[$0.id] == nil }
        let withdrawn = old.commitments.filter { after[$0.id] == nil }
        return PackDiff(
            kept: kept, changed: changed, new: added.map(Entry.init), withdrawn: withdrawn.map(Entry.init),
            renamed: renames(from: withdrawn, to: added))
    }

    private static func renames(from withdrawn: [Pack.Commitment], to added: [Pack.Commitment]) -> [Rename] {
        let bySummary = Dictionary(added.map { (words(of: $0.summary.utf8), $0.id) }) { first, _ in first }
        return withdrawn.compactMap { old in
            bySummary[words(of: old.summary.utf8)].map { Rename(from: old.id, to: $0) }
        }
    }
}

extension PackDiff.Entry {
    init(_ commitment: Pack.Commitment) {
        self.init(id: commitment.id, summary: commitment.summary)
    }
}
