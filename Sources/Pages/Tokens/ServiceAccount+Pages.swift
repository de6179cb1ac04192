import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The accounts of programs. The form to make one has the fields `name` and `purpose`, and one for each permission, called by
    /// its name.
    ///
    /// - Parameters:
    ///   - mayChange: Whether the reader may make one; whoever may not sees no form.
    ///   - choices: What the reader may let a program do.
    public func serviceAccounts(
        _ accounts: [ServiceAccountSummary], mayChange: Bool, choices: [PermissionEntry],
        form: FilledForm = FilledForm(),
        in frame: PageFrame
    ) -> String {
        render(
            ServiceAccountListPage(
                accounts: accounts, mayChange: mayChange, choices: choices, form: form, now: frame.now), in: frame)
    }

    /// One account of a program with its tokens; the form makes another token, as ``tokens(_:choices:form:in:)``.
    public func serviceAccount(
        _ account: ServiceAccountSummary, mayChange: Bool, choices: [PermissionEntry], form: FilledForm = FilledForm(),
        in frame: PageFrame
    ) -> String {
        render(
            ServiceAccountShowPage(
                account: account, mayChange: mayChange, choices: choices, form: form, now: frame.now), in: frame)
    }
}

struct ServiceAccountListPage: Page {
    static let template = "service-account-list"
    let title = "Service accounts"
    let place: Place? = .settings
    let accounts: [ServiceAccountSummary]
    let mayChange: Bool
    let choices: [PermissionEntry]
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "headline":
            switch accounts.count {
            case 0: "No program has an account."
            case 1: "One program has an account."
            case let many: "\(grouped(many)) programs have accounts."
            }
        case "hasAccounts": !accounts.isEmpty
        case "accounts": accounts.map { ServiceAccountRow(account: $0, now: now) }
        case "formOpen": !form.isUntouched
        case "formProblem": form.problem ?? false
        case "mayMake": mayChange && !choices.isEmpty
        case "fields":
            [
                Field(
                    name: "name", label: "Name", kind: .text, help: "Such as the pipeline or the machine that it is.",
                    longest: 100, form: form),
                Field(
                    name: "purpose", label: "Purpose", kind: .text,
                    help: "So that whoever reviews access can tell whether it is still needed.", longest: 500,
                    form: form),
            ]
        default: PermissionBoxes(choices: choices, form: form).child(named: name)
        }
    }
}

/// One service account, in the list and above its tokens.
struct ServiceAccountRow: MustacheParent {
    let account: ServiceAccountSummary
    let now: Instant

    static func address(of account: ServiceAccountSummary) -> String {
        "/settings/service-accounts/\(account.id.asPathSegment)"
    }

    func child(named name: String) -> Any? {
        switch name {
        case "accountName": account.name
        case "accountAddress": Self.address(of: account)
        case "purpose": account.purpose
        case "accountPermissions": account.permissions
        case "tokenCount": account.tokens.isEmpty ? "no token" : count(account.tokens.count, "token")
        case "lastUsed": account.tokens.compactMap(\.lastUsedAt).max().map { Moment($0, now: now) } ?? false
        case "accountMade": Moment(account.madeAt, now: now)
        case "accountMadeBy": account.madeBy ?? false
        default: nil
        }
    }
}

struct ServiceAccountShowPage: Page {
    static let template = "service-account-show"
    let place: Place? = .settings
    let account: ServiceAccountSummary
    let mayChange: Bool
    let choices: [PermissionEntry]
    let form: FilledForm
    let now: Instant

    var title: String { account.name }
    private var address: String { ServiceAccountRow.address(of: account) }

    func child(named name: String) -> Any? {
        switch name {
        case "account": ServiceAccountRow(account: account, now: now)
        case "hasTokens": !account.tokens.isEmpty
        case "tokens":
            account.tokens.map { TokenRow(token: $0, list: mayChange ? "\(address)/tokens" : nil, now: now) }
        case "mayRevoke": mayChange
        case "removal": mayChange ? "\(address)/removal" : false
        default:
            TokenForm(action: "\(address)/tokens", choices: mayChange ? choices : [], form: form).child(named: name)
        }
    }
}
