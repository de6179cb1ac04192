import Kernel
import Mustache
import Verdicts
import Wire

extension PageRenderer {
    /// The public page: every commitment with its verdict and its proof, no account needed.
    ///
    /// It may be cached until a verdict changes or expires, so relative times are left to the script.
    /// - Parameter now: the moment at which it must be true; what ran out by then is shown as stale.
    public func trust(_ page: TrustPage, now: Instant) -> String {
        render(
            TrustShowPage(page: page.asRead(at: now), now: now),
            in: PageFrame(organisation: page.organisation, slug: page.slug, now: now))
    }
}

struct TrustShowPage: Page {
    static let template = "trust-show"
    let page: TrustPage
    let now: Instant

    var title: String { "\(page.organisation): security commitments, live and proven" }

    func child(named name: String) -> Any? {
        switch name {
        case "pageDescription":
            "\(page.counts.shareLine) as of \(Moment(now, now: nil).text). "
                + "Every verdict is computed from evidence and comes with a proof that anyone can check."
        case "lead": lead
        case "asOf": Moment(now, now: nil)
        case "published": Moment(page.publishedAt, now: nil)
        case "isEmpty": page.counts.total == 0
        case "tally": Tally(counts: page.counts)
        case "hasPolicies": !page.policies.isEmpty
        case "hasSeveralPolicies": page.policies.count > 1
        case "policies": page.policies.enumerated().map { TrustPolicy(policy: $1, slug: page.slug, position: $0) }
        case "heldLine": page.outsiders.map(HeldOutside.heading) ?? false
        case "outside":
            page.outsiders.map {
                HeldOutside(outsiders: $0, slug: page.slug, verificationKey: page.verificationKey)
            } ?? false
        case "jsonAddress": "/trust/\(page.slug.asPathSegment).json"
        case "verificationKey": page.verificationKey
        case "origin": page.origin
        case "command": "vouchsafe verify FILE --key '\(page.verificationKey)'"
        default: nil
        }
    }

    private var lead: String {
        let counts = page.counts
        guard counts.total > 0 else { return "No commitment has been published yet." }
        let standing = count(counts.total - counts.withdrawn, "commitment")
        let open = Verdict.allCases.filter { $0 != .kept && $0 != .withdrawn && counts[$0] > 0 }
            .map { "\(grouped(counts[$0]))\u{A0}\(counts[$0] == 1 ? "is" : "are")\u{A0}\($0.word.lowercased())" }
        let kept = "\(grouped(counts.kept)) of \(standing) \(counts.kept == 1 ? "is" : "are") kept"
        return open.isEmpty ? kept + "." : "\(kept); \(enumeration(open))."
    }
}

private struct TrustPolicy: MustacheParent {
    let policy: PublishedPolicy
    let slug: String
    let position: Int

    func child(named name: String) -> Any? {
        switch name {
        case "anchor": "policy-\(position)"
        case "policyTitle": policy.title
        case "version": policy.version
        case "share": VerdictCounts(of: policy.commitments.lazy.map(\.verdict)).shareLine
        case "sha256": policy.sha256
        case "sections":
            policy.commitments.grouped(by: \.section).enumerated().map { index, group in
                TrustSection(
                    heading: group.key, anchor: "policy-\(position)-\(index)",
                    rows: group.members.map { TrustRow(commitment: $0, policy: policy.id, slug: slug) })
            }
        default: nil
        }
    }
}

private struct TrustSection: MustacheParent {
    let heading: String
    let anchor: String
    let rows: [TrustRow]

    func child(named name: String) -> Any? {
        switch name {
        case "anchor": anchor
        case "heading": heading
        case "rows": rows
        default: nil
        }
    }
}

private struct TrustRow: MustacheParent {
    let commitment: PublishedCommitment
    let policy: String
    let slug: String

    func child(named name: String) -> Any? {
        switch name {
        case "anchor": "\(policy.asPathSegment)-\(commitment.id.asPathSegment)"
        case "name": commitment.verdict.rawValue
        case "word": commitment.verdict.word
        case "summary": commitment.summary
        case "reason": commitment.reason
        case "since": moment(commitment.since)
        case "observed": moment(commitment.observedAt)
        case "keptShare": keptShare ?? false
        case "exceptionLine": exceptionLine ?? false
        case "proofAddress": Address.publishedProof(slug, policy, commitment.id)
        default: nil
        }
    }

    /// Nothing where there has never been evidence. The share is of the time since the import, of 90 days at most.
    private var keptShare: String? {
        guard commitment.observedAt != nil, let share = commitment.keptShare else { return nil }
        return "Kept \(percentage(share)) of the recorded time, 90 days at most"
    }

    private var exceptionLine: String? {
        commitment.exceptionUntil.map { "Accepted exception until \(Moment($0, now: nil).text)" }
    }

    private func moment(_ instant: Instant?) -> Any {
        instant.map { Moment($0, now: nil) } ?? false
    }
}
