import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The second step of signing in: field `code`, and a passkey where the person has one.
    public func secondStep(
        hasApp: Bool, hasPasskey: Bool, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(SecondStepPage(hasApp: hasApp, hasPasskey: hasPasskey, form: form), in: frame)
    }

    /// The form that asks once more who it is: fields `password` and, for who has an app, `code`.
    public func confirm(hasApp: Bool, form: FilledForm = FilledForm(), in frame: PageFrame) -> String {
        render(ConfirmPage(hasApp: hasApp, form: form), in: frame)
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
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "hasApp": hasApp
        case "hasPasskey": hasPasskey
        case "formProblem": form.problem ?? false
        case "fields":
            [Field(name: "code", label: "Code", kind: .text, completion: "one-time-code", longest: 64, form: form)]
        default: nil
        }
    }
}

struct ConfirmPage: Page {
    static let template = "confirm"
    let title = "Confirm"
    let hasApp: Bool
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "formProblem": form.problem ?? false
        case "fields":
            [
                Field(
                    name: "password", label: "Password", kind: .password, completion: "current-password", longest: 1024,
                    form: form)
            ]
                + (hasApp
                    ? [
                        Field(
                            name: "code", label: "Code of your app, or a recovery code", kind: .text,
                            completion: "one-time-code", longest: 64, form: form)
                    ] : [])
        default: nil
        }
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
        case "codesLeft": codesLeft
        case "sessions": account.sessions.map { SessionRow(session: $0, csrf: csrf, now: now) }
        case "formProblem": form.problem ?? false
        case "fields":
            [
                Field(
                    name: "password", label: "New password", kind: .password,
                    help: "At least 15 characters, any characters: a few words you can remember. Other sessions end.",
                    completion: "new-password", shortest: 15, longest: 1024, form: form)
            ]
        default: nil
        }
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

private struct SessionRow: MustacheParent {
    let session: OwnAccount.Session
    let csrf: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "sessionID": session.id
        case "csrf": csrf
        case "began": Moment(session.beganAt, now: now)
        case "ends": Moment(session.endsAt, now: now)
        case "isThisOne": session.isThisOne
        default: nil
        }
    }
}
