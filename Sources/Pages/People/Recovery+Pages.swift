import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The link of a recovery, told once.
    public func recoveryMade(_ made: RecoveryMade, address: String, in frame: PageFrame) -> String {
        render(RecoveryMadePage(made: made, address: address, now: frame.now), in: frame)
    }

    /// The page behind the link of a recovery: fields `password`, and `current` where the password of now is of use.
    public func recover(_ door: RecoveryDoor, form: FilledForm = FilledForm(), in frame: PageFrame) -> String {
        render(RecoverPage(door: door, form: form), in: frame)
    }
}

/// What the page behind the link of a recovery shows.
public struct RecoveryDoor: Hashable, Sendable {
    /// The secret in the link, to which forms are sent back.
    public let token: String
    /// Whose account it is, by name.
    public let name: String
    /// The address they sign in with.
    public let email: String
    /// Whether a second factor is asked for after the new password.
    public let asksSecondFactor: Bool
    /// Whether they have said that it is lost, and nobody has confirmed it yet.
    public let awaitsConfirmation: Bool
    /// Whether there is somebody else who could confirm it.
    public let canBeConfirmed: Bool
    /// Whether giving the password of now is of use.
    public let mayShowPassword: Bool

    /// A door out of its parts.
    public init(
        token: String, name: String, email: String, asksSecondFactor: Bool, awaitsConfirmation: Bool,
        canBeConfirmed: Bool, mayShowPassword: Bool
    ) {
        self.token = token
        self.name = name
        self.email = email
        self.asksSecondFactor = asksSecondFactor
        self.awaitsConfirmation = awaitsConfirmation
        self.canBeConfirmed = canBeConfirmed
        self.mayShowPassword = mayShowPassword
    }
}

struct RecoverPage: Page {
    static let template = "recover"
    let title = "A new password"
    let door: RecoveryDoor
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "action": "/recover/" + door.token.asPathSegment
        case "personName": door.name
        case "personEmail": door.email
        case "asksSecondFactor": door.asksSecondFactor
        case "mayDeclareLoss": door.asksSecondFactor && !door.awaitsConfirmation
        case "waits": door.awaitsConfirmation
        case "isAlone": !door.canBeConfirmed
        case "formProblem": form.problem ?? false
        case "fields": fields
        default: nil
        }
    }

    private var fields: [Field] {
        let password = Field(
            name: "password", label: "New password", kind: .password,
            help: "At least 15 characters: a few words that only you would put together. Nobody else learns it.",
            completion: "new-password", shortest: 15, longest: 1024, form: form)
        guard door.mayShowPassword else { return [password] }
        let current = Field(
            name: "current", label: "Password until now, if you have it", kind: .password,
            help: "What it opens stays open with the new one.", completion: "current-password", longest: 1024,
            isOptional: true, form: form)
        return [password, current]
    }
}

struct RecoveryMadePage: Page {
    static let template = "recovery-made"
    let title = "Recovery"
    let place: Place? = .people
    let made: RecoveryMade
    let address: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "personName": made.name
        case "link": address
        case "expires": Moment(made.expiresAt, now: now)
        default: nil
        }
    }
}

/// How somebody is helped back into their account, on the page about them.
struct RecoveryBlock: MustacheParent {
    let person: PersonEntry
    let mayRecover: Bool
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        let path = "/people/\(person.id.asPathSegment)/recovery"
        switch name {
        case "isElsewhere": return person.isRecoveredElsewhere
        case "underWay": return person.recovery.map { Row(entry: $0, now: now) } ?? false
        case "confirmation": return mayConfirm ? "\(path)/confirmation" : false
        case "withdrawal": return mayRecover && person.recovery != nil ? "\(path)/withdrawal" : false
        case "mayStart": return mayRecover
        case "recoveryAction": return path
        case "recoveryOpen": return form.problems["reason"] != nil
        case "startTitle":
            return person.isRecoveredElsewhere
                ? "Let them in again" : person.recovery == nil ? "Start a recovery" : "Start again with another link"
        case "reasonField":
            return Field(
                name: "reason", label: "Why", kind: .text, help: "It stands in the ledger beside your name.",
                longest: 200, form: form)
        default: return nil
        }
    }

    private var mayConfirm: Bool {
        guard mayRecover, let recovery = person.recovery else { return false }
        return recovery.awaitsConfirmation && !recovery.isByReader
    }

    private struct Row: MustacheParent {
        let entry: RecoveryEntry
        let now: Instant

        func child(named name: String) -> Any? {
            switch name {
            case "startedBy": entry.startedBy
            case "started": Moment(entry.startedAt, now: now)
            case "expires": Moment(entry.expiresAt, now: now)
            case "reason": entry.reason
            case "waits": entry.awaitsConfirmation
            case "isAlone": !entry.canBeConfirmed
            case "confirmedBy": entry.confirmedBy ?? false
            default: nil
            }
        }
    }
}
