import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// How this installation stands.
    public func settings(_ summary: SettingsSummary, in frame: PageFrame) -> String {
        render(SettingsShowPage(summary: summary, now: frame.now, reach: frame.reach), in: frame)
    }
}

struct SettingsShowPage: Page {
    static let template = "settings-show"
    let title = "Settings"
    let place: Place? = .settings
    let summary: SettingsSummary
    let now: Instant
    let reach: Reach

    func child(named name: String) -> Any? {
        name == "facts" ? facts : nil
    }

    private var facts: [Fact] {
        [
            Fact(name: "Organisation", value: summary.organisation),
            Fact(
                name: "Public page", value: "/trust/\(summary.slug)", address: "/trust/\(summary.slug.asPathSegment)",
                explanation: "What clients see, without an account: verdicts and proofs, no names and no values."),
            Fact(name: "People", value: count(summary.people, "person", "people"), address: "/people"),
            Fact(
                name: "Signing in", value: "What is demanded", address: "/organisation/sign-in",
                explanation: "Whether a second factor is demanded of everyone, and who has none."),
            Fact(
                name: "Identity provider", value: summary.identityProvider ?? "None",
                address: reach.includes("identity-provider.read") ? "/settings/identity-provider" : nil,
                explanation: "Where people sign in beside this server. Only an owner sets it."),
            Fact(name: "Database", value: summary.database),
            Fact(
                name: "Data key", value: summary.dataKey,
                explanation: "Every record is sealed under it. Without the key file, the data cannot be read by anyone."
            ),
            certificate,
            outsiders,
            Fact(name: "Version", value: summary.version),
        ].compactMap(\.self)
    }

    private var outsiders: Fact? {
        guard let outsiders = summary.outsiders else { return nil }
        let names = enumeration(outsiders.contradicting)
        let explanation =
            names.isEmpty
            ? outsiders.holders.isEmpty
                ? "Ask a witness with `vouchsafe witness add`. Until then, whoever operates this server could rewrite the "
                    + "ledger unseen." : "Witnesses cosign the operator’s log, which holds this ledger’s checkpoints."
            : "ALARM: \(names) \(outsiders.contradicting.count == 1 ? "says that it holds" : "say that they hold") another "
                + "history. Keep a copy of the database, and ask for the checkpoint that was cosigned: it bears your log’s "
                + "signature, or the claim is wrong."
        return Fact(
            name: "Outsiders", value: HeldOutside.heading(outsiders),
            address: "/trust/\(summary.slug.asPathSegment)#outsiders",
            time: outsiders.holders.map(\.at).max().map { Moment($0, now: now) }, explanation: explanation)
    }

    private var certificate: Fact {
        guard let expiry = summary.certificateExpiresAt else {
            return Fact(
                name: "Certificate", value: "Not known here", explanation: "HTTPS may end in front of this server.")
        }
        return Fact(
            name: "Certificate", value: expiry <= now ? "Ran out" : "Valid until", time: Moment(expiry, now: now),
            explanation: "Replace the files, and the server takes them up without a restart.")
    }
}

private struct Fact: MustacheParent {
    let name: String
    let value: String
    var address: String?
    var time: Moment?
    var explanation: String?

    func child(named name: String) -> Any? {
        switch name {
        case "factName": self.name
        case "value": value
        case "address": address ?? false
        case "time": time ?? false
        case "explanation": explanation ?? false
        default: nil
        }
    }
}
