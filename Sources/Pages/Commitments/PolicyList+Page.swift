import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// Every current policy with its counts.
    public func policies(_ policies: [PolicySummary], in frame: PageFrame) -> String {
        render(PolicyListPage(policies: policies, now: frame.now), in: frame)
    }
}

struct PolicyListPage: Page {
    static let template = "policy-list"
    let title = "Policies"
    let place: Place? = .policies
    let policies: [PolicySummary]
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "headline": policies.isEmpty ? "No policy yet." : count(policies.count, "policy", "policies")
        case "isEmpty": policies.isEmpty
        case "policies": policies.map { PolicyCard(policy: $0, now: now) }
        default: nil
        }
    }
}

/// One policy's heading, counts and digest.
struct PolicyCard: MustacheParent {
    let policy: PolicySummary
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "policyTitle": policy.title
        case "address": Address.policy(policy.id)
        case "issuer": policy.issuer
        case "version": policy.version
        case "imported": Moment(policy.importedAt, now: now)
        case "share": policy.counts.shareLine
        case "tally": Tally(counts: policy.counts)
        case "sha256": policy.sha256
        case "textLine":
            policy.hasText
                ? "The text was imported: every sentence can be read with its verdict."
                : "The text was not imported: only positions are known."
        default: nil
        }
    }
}
