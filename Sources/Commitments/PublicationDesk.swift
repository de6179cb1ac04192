import Kernel
import Ledger
import Packs
import Store
import Verdicts

/// States verdicts in the ledger and publishes them.
public struct PublicationDesk: Sendable {
    private let database: Database
    private let commitments: CommitmentDesk
    private let verdicts: VerdictDesk

    /// How long a statement that is not about a kept commitment may be relied on.
    private static let validity = Period.days(7)
    /// How long before it runs out such a statement is made again.
    static let renewal = Period.days(1)

    /// A desk over `database` that publishes what `verdicts` judges of `commitments`.
    public init(database: Database, commitments: CommitmentDesk, verdicts: VerdictDesk) {
        self.database = database
        self.commitments = commitments
        self.verdicts = verdicts
    }

    /// What is published; `nil` before the first publication. Anyone may read it.
    public func publication(of organisation: Identifier<Organisation>) async throws -> Publication? {
        try await database.scope(organisation, as: .anyone).read { view in
            try view.find(Publication.self, Publication.id(of: organisation))?.record
        }
    }

    /// Counts the publications; 0 before the first.
    public func edition(of organisation: Identifier<Organisation>) async throws -> Int64 {
        try await database.scope(organisation, as: .anyone).read { view in
            var version: Int64 = 0
            let query = Query("id = ?", [.blob(Publication.id(of: organisation).bytes)])
            try view.scan(Publication.self, columns: ["version"], query) { version = $0[0] }
            return version
        }
    }

    /// Publishes what is no longer as it was stated: a verdict that changed, evidence that reaches further, a statement about to run out.
    ///
    /// - Returns: How many commitments were stated anew; 0 if everything still holds.
    @discardableResult
    public func publish(for organisation: Identifier<Organisation>, as principal: Principal) async throws -> Int {
        let board = try await verdicts.board(of: organisation, as: principal)
        let exceptions = try await commitments.exceptions(in: organisation, as: principal)
            .filter { $0.stands(at: board.asOf) }
        let before = try await database.scope(organisation, as: .anyone).read { view in
            try view.find(Publication.self, Publication.id(of: organisation))
        }
        let published = before?.record
        let earlier = Dictionary(
            (published?.items ?? []).map { ($0.commitment, $0) }
        ) { first, _ in first }
        let lines = zip(board.register.commitments, board.standings).map { commitment, standing in
            Line(
                commitment: commitment, standing: standing,
                exception: exceptions.last { $0.commitment == commitment.id },
                before: earlier[commitment.id])
        }
        let changed = lines.filter { !$0.holds(at: board.asOf) }
        let histories = try await verdicts.histories(
            of: changed.map(\.commitment), in: organisation, until: board.asOf, as: principal)
        let stated = Dictionary(
            zip(changed, histories).map { ($0.commitment.id, item($0, $1, board.asOf)) }
        ) { first, _ in first }
        let items = lines.compactMap { stated[$0.commitment.id] ?? $0.before }
        let due = items.filter { stated[$0.commitment] != nil }.map { ($0, $0.stated(by: organisation)) }
        guard !due.isEmpty || items.count != earlier.count || published == nil else { return 0 }
        let publication = Publication(id: Publication.id(of: organisation), publishedAt: board.asOf, items: items)
        let scope = database.scope(organisation, as: principal)
        do {
            try await scope.change("verdicts.published") { [due] change in
                let stored = try change.view.find(Publication.self, publication.id)
                guard stored?.version == before?.version else { throw PublishedMeanwhile() }
                for (item, statement) in due {
                    try change.insert(
                        VerdictStatement(
                            id: item.statement.retyped(), commitment: item.commitment, statement: statement))
                }
                if let stored {
                    try change.update(stored, to: publication)
                } else {
                    try change.insert(publication)
                }
            }
        } catch is PublishedMeanwhile {
            // What this compared with is gone; the next round compares with what another server has stated.
            return 0
        }
        return due.count
    }

    /// The proof file of what was last stated about a commitment.
    ///
    /// - Throws: `Problem` of kind `notFound` if nothing was stated about it yet.
    public func proof(
        of commitment: Identifier<Commitment>, in organisation: Identifier<Organisation>
    ) async throws -> [UInt8] {
        guard let item = try await publication(of: organisation)?.items.first(where: { $0.commitment == commitment })
        else {
            throw Problem(
                .notFound, code: "proof.none", "Nothing has been published about this commitment yet.",
                hint: "Start the server; it publishes within a second of the first check.")
        }
        return try await database.ledger(of: organisation)
            .proof(of: item.statement.retyped(), in: VerdictStatement.self) { $0.statement }
    }

    /// The number of the ledger entry that carries a published statement.
    public func entry(of item: Publication.Item, in organisation: Identifier<Organisation>) async throws -> Int64 {
        try await database.scope(organisation, as: .job(.publish)).read { view in
            var entry: Int64 = 0
            let query = Query("id = ?", [.blob(item.statement.bytes)])
            try view.scan(VerdictStatement.self, columns: ["entry"], query) { entry = $0[0] }
            return entry
        }
    }

    private func item(_ line: Line, _ history: VerdictHistory, _ asOf: Instant) -> Publication.Item {
        let (commitment, standing) = (line.commitment, line.standing)
        let since = line.before?.verdict == standing.verdict ? line.before?.since : history.changes.last?.at
        return Publication.Item(
            commitment: commitment.id, statement: Identifier(at: asOf, randomness: database.randomnessForIdentifiers),
            policy: commitment.policy.id, policyTitle: commitment.policy.title,
            policyVersion: commitment.policy.version, policyHash: commitment.policy.text.sha256,
            name: commitment.definition.id, section: commitment.definition.section,
            summary: commitment.definition.summary, verdict: standing.verdict, reason: standing.reason, since: since,
            observedAt: standing.observedAt, asOf: asOf,
            validUntil: standing.validUntil ?? asOf + Self.validity, exceptionUntil: line.exception?.until,
            keptShare: history.shares(ofLast: 90)?.kept)
    }
}

private struct PublishedMeanwhile: Error {}

/// One commitment as it stands, beside what was last stated about it.
private struct Line {
    let commitment: RegisteredCommitment
    let standing: Standing
    let exception: AcceptedException?
    let before: Publication.Item?

    func holds(at now: Instant) -> Bool { before?.holds(for: commitment, standing, exception, at: now) ?? false }
}

extension Publication {
    /// When time alone makes the first statement due again: before it runs out, or when its exception ends.
    ///
    /// A kept verdict runs out with its evidence and is due when it does.
    public var dueAgain: Instant {
        items.lazy.map { item in
            let renewal = item.verdict == .kept ? item.validUntil : item.validUntil - PublicationDesk.renewal
            return min(renewal, item.exceptionUntil ?? .distantFuture)
        }.min() ?? .distantFuture
    }
}

extension Publication.Item {
    /// Whether nothing that it says has changed, and it is not about to run out.
    fileprivate func holds(
        for commitment: RegisteredCommitment, _ standing: Standing, _ exception: AcceptedException?, at now: Instant
    ) -> Bool {
        guard verdict == standing.verdict, reason == standing.reason, summary == commitment.definition.summary,
            section == commitment.definition.section, policyHash == commitment.policy.text.sha256,
            exceptionUntil == exception?.until
        else { return false }
        if let reach = standing.validUntil { return reach <= validUntil }
        return now < validUntil - PublicationDesk.renewal
    }

    fileprivate func stated(by organisation: Identifier<Organisation>) -> Statement {
        Statement(
            organisation: organisation.retyped(), policy: policy, policyHash: policyHash, commitment: name,
            summary: summary, verdict: verdict.rawValue, reason: reason, since: since, observed: observedAt, asOf: asOf,
            validUntil: validUntil)
    }
}
