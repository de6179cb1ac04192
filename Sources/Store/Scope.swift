import Kernel

/// The tenant: whose policies, hosts, people and evidence these are. Only its identifier is known down here.
public enum Organisation {}

/// A person with an account; the room Identity knows more.
public enum Person {}

/// A token by which a program asks; the room Identity knows more.
public enum Token {}

extension Identifier<Organisation> {
    /// The scope of the installation itself: persons, credentials, sessions, the job queue, the operator log.
    public static var installation: Identifier<Organisation> { Identifier(high: 0, low: 0) }

    /// The scope of the operator's own log, whose leaves are the organisations' signed checkpoints.
    public static var operatorLog: Identifier<Organisation> { Identifier(high: 0, low: 1) }

    /// The scopes that are no organisation's and that nobody founds.
    static let reserved: [Identifier<Organisation>] = [.installation, .operatorLog]

    var isReserved: Bool { Self.reserved.contains(self) }
}

/// On whose behalf data is touched. It stands as the actor in every ledger entry.
public enum Principal: Hashable, Sendable {
    case person(Identifier<Person>)
    /// A program that holds a token.
    case token(Identifier<Token>)
    /// A job of the server's own.
    case job(Job)
    /// The command line on the machine itself.
    case `operator`
    /// Anyone at all: may read publications and nothing else.
    case anyone

    /// The pseudonymous form that the ledger keeps.
    public var actor: String {
        switch self {
        case .person(let id): "person:\(id)"
        case .token(let id): "token:\(id)"
        case .job(let job): "job:\(job.name)"
        case .operator: "operator"
        case .anyone: "anyone"
        }
    }
}

extension Identifier<Person> {
    /// The person that the ledger's name for an actor means.
    ///
    /// - Returns: `nil` if it means no person.
    public init?(actor: String) {
        guard actor.hasPrefix("person:") else { return nil }
        self.init(String(actor.dropFirst("person:".count)))
    }
}
