import Commitments
import Identity
import Kernel
import Ledger
import Store
import Wire

extension Rooms {
    /// The public page of an organisation as it was published; whoever shows it reads it at their own moment.
    ///
    /// - Throws: `Problem` of kind `notFound` for an unknown organisation, `unavailable` before the first publication.
    public func trustPage(slug: String) async throws -> TrustPage {
        let tenant = try await tenant(slug: slug)
        guard let publication = try await publications.publication(of: tenant.id) else {
            throw Problem(
                .unavailable, code: "trust.not-published", "\(tenant.name) has not published its verdicts yet.",
                hint: "Try again in a minute.")
        }
        let verifier = try await database.ledger(of: tenant.id).verifier()
        var order: [String] = []
        for item in publication.items where !order.contains(item.policy) { order.append(item.policy) }
        return TrustPage(
            organisation: tenant.name, slug: tenant.slug, publishedAt: publication.publishedAt, origin: verifier.name,
            verificationKey: verifier.text,
            policies: order.map { policy in
                PublishedPolicy(publication.items.filter { $0.policy == policy })
            }, outsiders: try await outsiders(of: tenant.id))
    }

    /// The proof file behind one line of the public page.
    public func publicProof(slug: String, policy: String, commitment: String) async throws -> [UInt8] {
        let tenant = try await tenant(slug: slug)
        return try await proof(of: policy, commitment, in: tenant.id)
    }

    /// The proof file of what was last stated about a commitment.
    public func proof(
        of policy: String, _ commitment: String, in organisation: Identifier<Organisation>
    ) async throws -> [UInt8] {
        let items = try await publications.publication(of: organisation)?.items ?? []
        guard let item = items.first(where: { $0.policy == policy && $0.name == commitment }) else {
            throw Problem(
                .notFound, code: "proof.none", "Nothing has been published about \(policy)/\(commitment) yet.",
                hint: "Check the name with `vouchsafe status`; a running server publishes within a second of a check.")
        }
        return try await publications.proof(of: item.commitment, in: organisation)
    }
}

extension PublishedPolicy {
    init(_ items: [Publication.Item]) {
        let first = items.first
        self.init(
            id: first?.policy ?? "", title: first?.policyTitle ?? "", version: first?.policyVersion ?? "",
            sha256: first?.policyHash ?? "",
            commitments: items.map { item in
                PublishedCommitment(
                    id: item.name, section: item.section, summary: item.summary, verdict: item.verdict,
                    since: item.since,
                    observedAt: item.observedAt, validUntil: item.validUntil, reason: item.reason,
                    exceptionUntil: item.exceptionUntil,
                    keptShare: item.keptShare)
            })
    }
}

extension Rooms {
    /// Counts the publications of an organisation; a page made from one edition is good for all of it.
    public func publicationEdition(slug: String) async throws -> Int64 {
        let tenant = try await tenant(slug: slug)
        return try await publications.edition(of: tenant.id)
    }
}
