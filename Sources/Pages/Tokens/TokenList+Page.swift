import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// A person's own tokens. The form to make one has the fields `name` and `days`, and one for each permission, called by its
    /// name.
    ///
    /// - Parameter choices: What the person may write into a token.
    public func tokens(
        _ tokens: [TokenSummary], choices: [PermissionEntry], form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(TokenListPage(tokens: tokens, choices: choices, form: form, now: frame.now), in: frame)
    }

    /// The text of a token, told once.
    ///
    /// - Parameters:
    ///   - isOwn: Whether it is the reader's own, and no program's.
    ///   - back: The page that lists it.
    public func tokenMade(_ made: MadeToken, isOwn: Bool, back: String, in frame: PageFrame) -> String {
        render(TokenMadePage(isOfAccount: isOwn, made: made, back: back, now: frame.now), in: frame)
    }
}

struct TokenListPage: Page {
    static let template = "token-list"
    let title = "Your tokens"
    let isOfAccount = true
    let tokens: [TokenSummary]
    let choices: [PermissionEntry]
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "headline":
            switch tokens.count {
            case 0: "No token acts in your name."
            case 1: "One token can act in your name."
            case let many: "\(grouped(many)) tokens can act in your name."
            }
        case "hasTokens": !tokens.isEmpty
        case "tokens": tokens.map { TokenRow(token: $0, list: "/account/tokens", now: now) }
        case "mayRevoke": true
        default: TokenForm(action: "/account/tokens", choices: choices, form: form).child(named: name)
        }
    }
}

/// One token in a list.
struct TokenRow: MustacheParent {
    let token: TokenSummary
    /// The address of the list that it stands in, below which a token is revoked; `nil` where the reader may not.
    let list: String?
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "tokenName": token.name
        case "tokenPermissions": token.permissions
        case "made": Moment(token.madeAt, now: now)
        case "madeBy": token.madeBy ?? false
        case "until": Moment(token.until, now: now)
        case "hasEnded": token.until <= now
        case "used": token.lastUsedAt.map { Moment($0, now: now) } ?? false
        case "revocation": list.map { "\($0)/\(token.id.asPathSegment)/revocation" } ?? false
        default: nil
        }
    }
}

/// The form by which a token is made.
struct TokenForm: MustacheParent {
    let action: String
    let choices: [PermissionEntry]
    let form: FilledForm

    /// How long a token may work, in days; the first is what stands there until somebody chooses.
    static let lifetimes = [(90, "90 days"), (7, "a week"), (30, "30 days"), (180, "half a year"), (365, "a year")]

    func child(named name: String) -> Any? {
        switch name {
        case "formAction": action
        case "formOpen": !form.isUntouched
        case "formProblem": form.problem ?? false
        case "mayMake": !choices.isEmpty
        case "nameField":
            Field(
                name: "name", label: "What it is for", kind: .text,
                help: "As you will want to read it when you decide whether it is still needed.", longest: 100,
                form: form)
        case "daysChoice":
            Choice(
                name: "days", label: "How long it works", help: "Then it ends by itself, and another one is made.",
                options: Self.lifetimes.map { ("\($0.0)", $0.1) }, standard: "\(Self.lifetimes[0].0)", form: form)
        default: PermissionBoxes(choices: choices, form: form).child(named: name)
        }
    }
}

/// Check boxes for permissions, with what is wrong with the choice.
struct PermissionBoxes: MustacheParent {
    let choices: [PermissionEntry]
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "boxesLegend": "It may"
        case "permissionProblem": form.problems["permissions"] ?? false
        case "boxes": choices.map { PermissionBox(permission: $0, isTicked: form.values[$0.id] != nil) }
        default: nil
        }
    }
}

struct TokenMadePage: Page {
    static let template = "token-made"
    let title = "New token"
    let isOfAccount: Bool
    let made: MadeToken
    let back: String
    let now: Instant

    var place: Place? { isOfAccount ? nil : .settings }

    func child(named name: String) -> Any? {
        switch name {
        case "tokenName": made.token.name
        case "tokenPermissions": made.token.permissions
        case "secret": made.secret
        case "until": Moment(made.token.until, now: now)
        case "back": back
        default: nil
        }
    }
}
