import Kernel
import Store

/// What somebody may do at the moment of a change, as the change itself sees it; every rule about people asks this.
struct Authority {
    let permissions: Set<Permission>

    /// The authority of `caller`: for a person what their role holds now, whatever it held when they asked.
    init(of caller: Caller, in view: ReadView) throws {
        guard case .person(let person) = caller.principal else {
            permissions = caller.permissions
            return
        }
        let role = try IdentityDesk.membership(of: person, in: view).flatMap { stored in
            try IdentityDesk.role(stored.record.role, in: view)
        }
        permissions = caller.permissions.intersection(role?.permissions ?? [])
    }

    /// - Throws: `Problem` `session.not-permitted`.
    func demand(_ permission: Permission) throws {
        guard permissions.contains(permission) else {
            throw Problem(
                .forbidden, code: "session.not-permitted", "Your role does not include \(permission.rawValue).",
                hint: "Ask an owner of the organisation.")
        }
    }

    /// Nobody gives what they do not have; so nobody raises themselves either.
    ///
    /// - Throws: `Problem` `people.beyond-own-role` at the field `role`.
    func demandGrant(of role: Role) throws {
        try demandGrant(of: role.permissions, as: "The role \(role.title) may do", field: "role")
    }

    /// The same for permissions that become a role of the organisation's own.
    func demandGrant(of granted: Set<Permission>, as subject: String, field: String) throws {
        let beyond = Permission.allCases.filter { granted.contains($0) && !permissions.contains($0) }
        guard let first = beyond.first else { return }
        throw Problem(
            .forbidden, code: "people.beyond-own-role",
            "\(subject) what you may not: \(first.title.lowercasedFirst).",
            hint: "Ask somebody who may, such as an owner.", place: Problem.Place(field: field))
    }

    /// Whoever touches an owner must be permitted to.
    func demandOwners(_ role: String) throws {
        guard role == Role.owner.name, !permissions.contains(.changeOwners) else { return }
        throw Problem(
            .forbidden, code: "people.owner", "Only an owner changes what owners are.",
            hint: "Ask an owner of the organisation.", place: Problem.Place(field: "role"))
    }
}

extension Caller {
    /// The command line on the machine itself, which may do everything in `tenant`.
    public static func `operator`(in tenant: Tenant) -> Caller {
        Caller(principal: .operator, tenant: tenant, permissions: Set(Permission.allCases))
    }
}

extension String {
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
