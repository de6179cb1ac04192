import Kernel

/// A stretch of time during which a subject counts in the population of its kind.
public struct Membership: Hashable, Sendable {
    /// What counts in the population.
    public let subject: Subject
    /// The first moment that counts.
    public let joinedAt: Instant
    /// The first moment that no longer counts; `nil` while it is a member.
    public let leftAt: Instant?

    /// A membership out of its parts.
    public init(_ subject: Subject, joinedAt: Instant, leftAt: Instant? = nil) {
        self.subject = subject
        self.joinedAt = joinedAt
        self.leftAt = leftAt
    }
}

/// Who belongs to which population, and when: the whole of it, so that no verdict rests on a sample.
public struct Roster: Sendable {
    struct Member {
        let id: Identifier<Subject>
        /// Disjoint, in order of time.
        var spans: [Range<Instant>]

        func isPresent(at moment: Instant) -> Bool {
            spans.contains { $0.contains(moment) }
        }
    }

    private var members: [Subject.Kind: [Member]] = [:]
    private var positions: [Subject: Int] = [:]

    /// The roster that `memberships` describe, in any order; a subject may leave and join again, and spans of the same
    /// subject that overlap count once.
    public init(_ memberships: some Sequence<Membership>) {
        for membership in memberships {
            let span = membership.joinedAt..<max(membership.joinedAt, membership.leftAt ?? .endOfTime)
            if !span.isEmpty { add(span, of: membership.subject) }
        }
    }

    private mutating func add(_ span: Range<Instant>, of subject: Subject) {
        guard let position = positions[subject] else {
            positions[subject] = members[subject.kind, default: []].count
            members[subject.kind, default: []].append(Member(id: subject.id, spans: [span]))
            return
        }
        members[subject.kind]?[position].spans.insert(merging: span)
    }

    /// Everything of `kind` that was ever a member, in the order in which it was named.
    func members(of kind: Subject.Kind) -> [Member] {
        members[kind] ?? []
    }

    /// Everything that counts at `moment`, in the order in which it was named.
    public func subjects(at moment: Instant) -> [Subject] {
        Subject.Kind.allCases.flatMap { kind in
            members(of: kind).filter { $0.isPresent(at: moment) }.map { Subject(kind: kind, id: $0.id) }
        }
    }

    /// The place of `subject` among the members of its kind.
    func position(of subject: Subject) -> Int? {
        positions[subject]
    }

    /// The places of those of each kind who are members at `moment`.
    func present(at moment: Instant) -> [Subject.Kind: [Int]] {
        members.mapValues { members in
            members.indices.filter { members[$0].isPresent(at: moment) }
        }
    }
}

extension Instant {
    /// After every moment that can be stored, so that open spans hold the distant future too.
    fileprivate static let endOfTime = Instant(milliseconds: .max)
}

extension [Range<Instant>] {
    fileprivate mutating func insert(merging span: Range<Instant>) {
        var merged: [Range<Instant>] = []
        for next in (self + [span]).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, next.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<Swift.max(last.upperBound, next.upperBound)
            } else {
                merged.append(next)
            }
        }
        self = merged
    }
}
