/// What a person or a token may do. Every route, and every command about an organisation, names one.
public enum Permission: String, Sendable, Codable, CaseIterable {
    case readCommitments = "commitments.read"
    case readEvidence = "evidence.read"
    case requestException = "exceptions.request"
    case approveException = "exceptions.approve"
    case readHosts = "hosts.read"
    case readSites = "sites.read"
    /// Registering sites, having them scanned, and taking them out.
    case changeSites = "sites.change"
    /// Seeing the log sources and what comes of them in numbers, and the rules.
    case readLogs = "logs.read"
    /// Looking into the records that logs are made of.
    case readLogRecords = "log-records.read"
    /// Registering log sources and taking them out, and deciding for how long records are kept.
    case changeLogs = "logs.change"
    /// Sending records; for programs.
    case sendLogs = "logs.send"
    /// Signing that somebody looked at a day's logs.
    case reviewLogs = "logs.review"
    /// Seeing alerts with the events that matched.
    case readAlerts = "alerts.read"
    /// Seeing to alerts, and keeping rules quiet or tuning them.
    case handleAlerts = "alerts.handle"
    /// Replacing the rules that logs are matched with.
    case changeRules = "rules.change"
    case readPolicies = "policies.read"
    case importPolicy = "policies.import"
    case readLedger = "ledger.read"
    case readSettings = "settings.read"
    /// Seeing who belongs to the organisation, in which role, since when and by whom.
    case readPeople = "people.read"
    /// Inviting people, changing their role and ending their membership; not those of owners.
    case changePeople = "people.change"
    /// Starting the recovery of somebody's account, and confirming one that somebody else started.
    case recoverPeople = "people.recover"
    /// Making somebody an owner, and ending that.
    case changeOwners = "owners.change"
    /// Making and changing the organisation's own roles.
    case changeRoles = "roles.change"
    /// Deciding in an access review who keeps what.
    case reviewAccess = "access.review"
    /// Seeing service accounts, and who holds which token; never a token's text.
    case readTokens = "tokens.read"
    /// Making and revoking the organisation's service accounts and their tokens.
    case changeTokens = "tokens.change"
    /// What the organisation demands of those who sign in.
    case changeSignIn = "sign-in.change"
    /// Seeing which identity provider the organisation has, and what its word counts for; never its secret.
    case readIdentityProvider = "identity-provider.read"
    /// Setting the organisation's identity provider, and with it who can be whom here.
    case changeIdentityProvider = "identity-provider.change"
    /// One's own account: password, second factors, sessions, tokens. Held by everyone who is signed in.
    case changeOwnAccount = "account.change"
    /// Reading what is published; held by everyone, signed in or not.
    case readPublications = "publications.read"
    /// Signing in, out and setting up; held by everyone.
    case signIn = "session.begin"

    /// Whether it needs no account.
    public var isForAnyone: Bool { self == .readPublications || self == .signIn }

    /// Whether every signed-in person has it, whatever their role.
    public var isForEveryPerson: Bool { isForAnyone || self == .changeOwnAccount }

    /// Whether it changes nothing.
    public var isReading: Bool { rawValue.hasSuffix(".read") }

    /// Whether it decides how others, or programs, get in, or what the public reads: what is done under it asks once more who
    /// it is.
    public var asksAgain: Bool {
        switch self {
        case .changePeople, .recoverPeople, .reviewAccess, .changeOwners, .changeRoles, .changeTokens, .changeSignIn,
            .changeIdentityProvider, .importPolicy, .approveException:
            true
        case .readCommitments, .readEvidence, .requestException, .readHosts, .readSites, .changeSites, .readLogs,
            .readLogRecords,
            .changeLogs, .sendLogs, .reviewLogs, .readAlerts, .handleAlerts, .changeRules, .readPolicies, .readLedger,
            .readSettings,
            .readPeople, .readTokens, .readIdentityProvider, .changeOwnAccount, .readPublications, .signIn:
            false
        }
    }

    /// What nobody could change without seeing it: held with this one, also by roles that were made before it could be chosen.
    var seeing: Permission? {
        switch self {
        case .changeTokens: .readTokens
        case .changeIdentityProvider: .readIdentityProvider
        case .changeSites: .readSites
        case .changeLogs, .reviewLogs, .changeRules: .readLogs
        case .handleAlerts: .readAlerts
        default: nil
        }
    }

    /// What it lets somebody do, as a sentence without its subject.
    public var title: String {
        switch self {
        case .readCommitments: "See the commitments and their verdicts"
        case .readEvidence: "Open evidence"
        case .requestException: "Ask for exceptions"
        case .approveException: "Approve other people's exceptions"
        case .readHosts: "See the hosts"
        case .readSites: "See the sites and how they came out"
        case .changeSites: "Register sites and have them scanned"
        case .readLogs: "See the log sources and the rules"
        case .readLogRecords: "Look into the records of logs"
        case .changeLogs: "Register log sources, decide how long records are kept"
        case .sendLogs: "Send records of logs"
        case .reviewLogs: "Sign the review of a day's logs"
        case .readAlerts: "See alerts with the events that matched"
        case .handleAlerts: "See to alerts, keep rules quiet, tune them"
        case .changeRules: "Replace the rules that logs are matched with"
        case .readPolicies: "Read the policies"
        case .importPolicy: "Make a version of a policy current"
        case .readLedger: "Read the ledger"
        case .readSettings: "See the settings"
        case .readPeople: "See people and what they may do"
        case .changePeople: "Invite people, change roles, end memberships"
        case .recoverPeople: "Start and confirm recoveries of accounts"
        case .changeOwners: "Make owners, and end that"
        case .changeRoles: "Change the organisation's own roles"
        case .reviewAccess: "Review who has access"
        case .readTokens: "See service accounts, and who holds which token"
        case .changeTokens: "Manage service accounts and their tokens"
        case .changeSignIn: "Decide what signing in demands"
        case .readIdentityProvider: "See where people sign in from outside"
        case .changeIdentityProvider: "Set where people sign in from outside"
        case .changeOwnAccount: "Manage one's own account"
        case .readPublications: "Read what is published"
        case .signIn: "Sign in"
        }
    }
}
