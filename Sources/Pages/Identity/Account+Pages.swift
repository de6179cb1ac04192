import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The second step of signing in: field `code`, and a passkey where the person has one.
    public func secondStep(
        hasApp: Bool, hasPasskey: Bool, takesRecoveryCode: Bool, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        let page = SecondStepPage(
            hasApp: hasApp, hasPasskey: hasPasskey, takesRecoveryCode: takesRecoveryCode, form: form)
        return render(page, in: frame)
    }

    /// The form that takes a recovery code in place of the password: fields `email` and `code`.
    public func recoveryCodeForm(form: FilledForm = FilledForm(), in frame: PageFrame) -> String {
        render(RecoveryCodePage(form: form), in: frame)
    }

    /// The page that asks once more who it is: fields `password` and `code`, a passkey, or the identity provider.
    ///
    /// - Parameter then: The path of the page to go on with.
    public func confirm(
        _ ways: ConfirmWays, then: String, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(ConfirmPage(ways: ways, then: then, form: form), in: frame)
    }

    /// The key of a new authenticator app with the form for its first code.
    ///
    /// - Parameters:
    ///   - secret: The key as a person types it.
    ///   - code: The QR code's modules a side, and its path; `nil` where it cannot be drawn.
    public func addApp(
        secret: String, code: (side: Int, path: String)?, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(AppAddPage(secret: secret, side: code?.side ?? 0, path: code?.path, form: form), in: frame)
    }

    /// Recovery codes, shown once.
    public func recoveryCodes(_ codes: [String], in frame: PageFrame) -> String {
        render(RecoveryCodesPage(codes: codes), in: frame)
    }

    /// A person's own account; the form changes the password.
    public func account(_ account: OwnAccount, form: FilledForm = FilledForm(), in frame: PageFrame) -> String {
        render(AccountShowPage(account: account, form: form, csrf: frame.csrf, now: frame.now), in: frame)
    }
}

struct SecondStepPage: Page {
    static let template = "second-step"
    let title = "One more step"
    let hasApp: Bool
    let hasPasskey: Bool
    let takesRecoveryCode: Bool
    let form: FilledForm

    private var ways: String {
        let ways = [
            hasPasskey ? "use your passkey" : nil,
            hasApp ? "give the code that your authenticator app shows now" : nil,
            takesRecoveryCode ? "give one of your recovery codes" : nil,
        ].compactMap { $0 }
        let text = ways.joined(separator: ", or ")
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    func child(named name: String) -> Any? {
        switch name {
        case "ways": ways
        case "takesCode": hasApp || takesRecoveryCode
        case "hasPasskey": hasPasskey
        case "formProblem": form.problem ?? false
        case "fields":
            [Field(name: "code", label: "Code", kind: .text, completion: "one-time-code", longest: 64, form: form)]
        default: nil
        }
    }
}

struct RecoveryCodePage: Page {
    static let template = "recovery-code"
    let title = "Sign in with a recovery code"
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "formProblem": form.problem ?? false
        case "fields":
            [
                Field(
                    name: "email", label: "E-mail address", kind: .email, completion: "username", longest: 254,
                    form: form),
                Field(
                    name: "code", label: "Recovery code", kind: .text, help: "Such as ABCD-EFGH-JKMN-PQRS.",
                    completion: "off", longest: 64, form: form),
            ]
        default: nil
        }
    }
}

/// By what a person can confirm what they are about to do.
public struct ConfirmWays: Hashable, Sendable {
    let hasPassword: Bool
    let hasApp: Bool
    let hasPasskey: Bool
    let provider: ProviderDoor?

    /// Ways out of their parts.
    public init(hasPassword: Bool, hasApp: Bool, hasPasskey: Bool, provider: ProviderDoor?) {
        self.hasPassword = hasPassword
        self.hasApp = hasApp
        self.hasPasskey = hasPasskey
        self.provider = provider
    }
}

struct ConfirmPage: Page {
    static let template = "confirm"
    let title = "Confirm"
    let ways: ConfirmWays
    let then: String
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "formProblem": form.problem ?? false
        case "then": then
        case "hasFields": ways.hasPassword || ways.hasApp || ways.hasPasskey
        case "hasPasskey": ways.hasPasskey
        case "provider": ways.provider ?? false
        case "fields": (ways.hasPassword ? [password] : []) + (ways.hasApp || ways.hasPasskey ? [code] : [])
        default: nil
        }
    }

    private var password: Field {
        Field(
            name: "password", label: "Password", kind: .password, completion: "current-password", longest: 1024,
            form: form)
    }

    private var code: Field {
        Field(
            name: "code", label: ways.hasApp ? "Code of your app, or a recovery code" : "Recovery code", kind: .text,
            completion: "one-time-code", longest: 64, form: form)
    }
}

struct AppAddPage: Page {
    static let template = "app-add"
    let title = "Add an authenticator app"
    let secret: String
    let side: Int
    let path: String?
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "secret": secret
        case "code": path != nil
        case "side": side
        case "path": path ?? ""
        case "formProblem": form.problem ?? false
        case "fields":
            [Field(name: "code", label: "Code", kind: .text, completion: "one-time-code", longest: 64, form: form)]
        default: nil
        }
    }
}

struct RecoveryCodesPage: Page {
    static let template = "recovery-codes"
    let title = "Recovery codes"
    let codes: [String]

    func child(named name: String) -> Any? { name == "codes" ? codes : nil }
}

struct AccountShowPage: Page {
    static let template = "account-show"
    let title = "Your account"
    let isOfAccount = true
    let account: OwnAccount
    let form: FilledForm
    let csrf: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "name": account.name
        case "email": account.email
        case "lacks": account.lacks ?? false
        case "isRecovered": account.isRecovered
        case "hasNews": !account.news.isEmpty
        case "news": account.news.map { News(news: $0, now: now) }
        case "hasPasskeys": !account.passkeys.isEmpty
        case "passkeys": account.passkeys.map { PasskeyRow(passkey: $0, csrf: csrf, now: now) }
        case "hasApp": account.hasApp
        case "hasPassword": account.hasPassword
        case "showsIdentities": !account.identities.isEmpty || account.linkable != nil
        case "hasIdentities": !account.identities.isEmpty
        case "identities": account.identities.map { IdentityRow(identity: $0, csrf: csrf, now: now) }
        case "linkable": account.linkable ?? false
        case "codesLeft": codesLeft
        case "sessions": account.sessions.map { SessionRow(session: $0, csrf: csrf, now: now) }
        case "formProblem": form.problem ?? false
        case "fields": (account.asksCurrentPassword ? [currentPassword] : []) + [newPassword]
        default: nil
        }
    }

    private var currentPassword: Field {
        Field(
            name: "current", label: "Current password", kind: .password, completion: "current-password", longest: 1024,
            form: form)
    }

    private var newPassword: Field {
        Field(
            name: "password", label: "New password", kind: .password,
            help: "At least 15 characters, any characters: a few words you can remember. Other sessions end.",
            completion: "new-password", shortest: 15, longest: 1024, form: form)
    }

    private var codesLeft: String {
        switch account.recoveryCodesLeft {
        case 0: "You have none. Make them now, and keep them apart from your other devices."
        case 1: "One is left. Make new ones before you need them."
        case let count: "\(count) are left. Each lets you in once when the app or the passkey is not at hand."
        }
    }
}

private struct News: MustacheParent {
    let news: OwnAccount.News
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "sentence": news.text
        case "at": Moment(news.at, now: now)
        default: nil
        }
    }
}

private struct PasskeyRow: MustacheParent {
    let passkey: OwnAccount.Passkey
    let csrf: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "keyID": passkey.id
        case "keyName": passkey.name
        case "csrf": csrf
        case "added": Moment(passkey.addedAt, now: now)
        case "used": passkey.lastUsedAt.map { Moment($0, now: now) } ?? false
        case "kept": passkey.isBackedUp ? "with its maker, for your other devices" : "on one device only"
        default: nil
        }
    }
}

private struct IdentityRow: MustacheParent {
    let identity: OwnAccount.Identity
    let csrf: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "identityID": identity.id
        case "identityName": identity.name
        case "csrf": csrf
        case "linked": Moment(identity.linkedAt, now: now)
        case "used": identity.lastUsedAt.map { Moment($0, now: now) } ?? false
        default: nil
        }
    }
}

private struct SessionRow: MustacheParent {
    let session: OwnAccount.Session
    let csrf: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "sessionID": session.id
        case "csrf": csrf
        case "by": by
        case "used": Moment(session.lastUsedAt, now: now)
        case "began": Moment(session.beganAt, now: now)
        case "ends": Moment(session.endsAt, now: now)
        case "isThisOne": session.isThisOne
        default: nil
        }
    }

    private var by: String {
        let words = session.means.joined(separator: " and ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
