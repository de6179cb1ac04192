import Kernel

/// Work of the server's own, which nobody asks for at the moment it is done: it may do what it declares and no more, and one
/// that declares nothing cannot be written.
public struct Job: Hashable, Sendable {
    /// Whose data it touches.
    public enum Scope: Sendable {
        /// The installation's own: accounts, sessions, leases.
        case installation
        /// Also that of organisations, one at a time.
        case everywhere

        func includes(_ organisation: Identifier<Organisation>) -> Bool {
            switch self {
            case .installation: organisation.isReserved
            case .everywhere: true
            }
        }
    }

    /// Its name in the ledger, in lower case with hyphens.
    public let name: String
    /// Whose data it touches.
    let scope: Scope
    /// The actions of the ledger that it may do; without any it changes no facts: it reads, and touches what is disposable.
    let actions: Set<String>

    /// A job that may do `actions` within `scope`.
    public init(_ name: String, in scope: Scope, may actions: Set<String> = []) {
        self.name = name
        self.scope = scope
        self.actions = actions
    }

    /// - Throws: `Problem` `store.undeclared` if it declared no such thing.
    func demand(_ organisation: Identifier<Organisation>, action: String? = nil) throws {
        guard scope.includes(organisation), action.map(actions.contains) ?? true else {
            throw Problem(
                .forbidden, code: "store.undeclared",
                "The job “\(name)” does not declare \(action.map { "that it does \($0)" } ?? "that it touches this scope").",
                hint: "This is a mistake in Vouchsafe; please report it.")
        }
    }
}

extension Principal {
    /// Nothing to say for people and tokens: their permissions were looked at where they asked.
    func demandDeclared(_ organisation: Identifier<Organisation>, action: String? = nil) throws {
        guard case .job(let job) = self else { return }
        try job.demand(organisation, action: action)
    }
}
