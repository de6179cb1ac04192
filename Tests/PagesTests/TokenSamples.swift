import Kernel
import Wire

@testable import Pages

/// Tokens as the pages about them show them; every text may be replaced, to see what a hostile one does.
struct TokenSamples {
    var text: String?

    private let now = Samples.now

    private func words(_ plain: String) -> String { text ?? plain }

    private var holder: TokenHolderEntry {
        TokenHolderEntry(kind: .person, id: words("p2"), name: words("Jon Vik"))
    }

    var tokens: [TokenSummary] {
        [
            TokenSummary(
                id: words("t1"), name: words("Nightly report"), holder: holder,
                permissions: [words("commitments.read"), "hosts.read"], madeAt: now - .days(3),
                madeBy: words("Ada Moreno"), until: now + .days(80),
                lastUsedAt: now - .minutes(9)),
            TokenSummary(
                id: words("t2"), name: words("Old laptop"), holder: holder, permissions: ["policies.read"],
                madeAt: now - .days(99),
                madeBy: nil, until: now - .days(9), lastUsedAt: nil),
        ]
    }

    var account: ServiceAccountSummary {
        ServiceAccountSummary(
            id: words("s1"), name: words("pipeline"), purpose: words("Pushes scan results"),
            permissions: ["commitments.read", words("policies.import")], madeAt: now - .days(9),
            madeBy: words("Ada Moreno"), tokens: tokens)
    }

    var choices: [PermissionEntry] {
        [PermissionEntry(id: words("commitments.read"), title: words("See the commitments"), isChoice: true)]
    }

    private var wrong: FilledForm {
        FilledForm(
            values: ["name": words("Report")],
            problems: [
                "name": words("It is taken."), "permissions": words("Choose one."), "days": words("Choose one."),
                "purpose": words("Say it."),
            ])
    }

    func pages(_ renderer: PageRenderer, in frame: PageFrame) -> [RenderedPage] {
        let bare = ServiceAccountSummary(
            id: "s2", name: words("door"), purpose: words("Opens"), permissions: [], madeAt: now, madeBy: nil,
            tokens: [])
        return [
            RenderedPage(name: "tokens", html: renderer.tokens(tokens, choices: choices, form: wrong, in: frame)),
            RenderedPage(name: "tokens, none", html: renderer.tokens([], choices: [], in: frame)),
            RenderedPage(
                name: "token, made",
                html: renderer.tokenMade(
                    MadeToken(token: tokens[0], secret: words("vch_secret")), isOwn: true,
                    back: "/account/tokens", in: frame)),
            RenderedPage(
                name: "service accounts",
                html: renderer.serviceAccounts(
                    [account, bare], mayChange: true, choices: choices, form: wrong, in: frame)),
            RenderedPage(
                name: "service accounts, none",
                html: renderer.serviceAccounts([], mayChange: true, choices: choices, in: frame)),
            RenderedPage(
                name: "service account",
                html: renderer.serviceAccount(account, mayChange: true, choices: choices, form: wrong, in: frame)),
            RenderedPage(
                name: "service account, bare",
                html: renderer.serviceAccount(bare, mayChange: true, choices: choices, in: frame)),
            RenderedPage(
                name: "service accounts, read",
                html: renderer.serviceAccounts([account, bare], mayChange: false, choices: choices, in: frame)),
            RenderedPage(
                name: "service account, read",
                html: renderer.serviceAccount(account, mayChange: false, choices: choices, in: frame)),
        ]
    }
}
