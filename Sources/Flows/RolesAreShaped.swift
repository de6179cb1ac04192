import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// Gives a person another role.
    public func give(_ role: String, to person: String, by caller: Caller) async throws {
        try await identity.give(role, to: try personIdentifier(person), by: caller)
    }

    /// Makes an invitation's link worthless.
    public func revokeInvitation(_ id: String, by caller: Caller) async throws {
        guard let invitation = Identifier<Invitation>(id) else {
            throw Problem(.notFound, code: "invitation.not-found", "There is no such invitation here.")
        }
        try await identity.revoke(invitation, by: caller)
    }

    /// Makes a role of the organisation's own out of the names of permissions.
    public func makeRole(_ title: String, _ permissions: [String], by caller: Caller) async throws -> RoleEntry {
        let role = try await identity.makeRole(title, try Self.permissions(permissions), by: caller)
        return try await entry(of: role.name, for: caller)
    }

    /// Changes a role of the organisation's own.
    public func changeRole(
        _ id: String, title: String, _ permissions: [String], by caller: Caller
    ) async throws -> RoleEntry {
        let role = try await identity.changeRole(
            try roleIdentifier(id), title: title, try Self.permissions(permissions), by: caller)
        return try await entry(of: role.name, for: caller)
    }

    /// Removes a role of the organisation's own that nobody has.
    public func removeRole(_ id: String, by caller: Caller) async throws {
        try await identity.removeRole(try roleIdentifier(id), by: caller)
    }

    private func entry(of name: String, for caller: Caller) async throws -> RoleEntry {
        let matrix = try await roleMatrix(of: caller.tenant.id, as: caller.principal)
        guard let entry = matrix.roles.first(where: { $0.id == name }) else { throw Self.noRole }
        return entry
    }

    private func roleIdentifier(_ id: String) throws -> Identifier<CustomRole> {
        guard let role = Identifier<CustomRole>(id) else { throw Self.noRole }
        return role
    }

    private static func permissions(_ names: [String]) throws -> Set<Permission> {
        Set(
            try names.map { name in
                guard let permission = Permission(rawValue: name) else {
                    throw Problem(
                        .invalid, code: "role.permission", "There is no permission of that name.",
                        hint: "The list of roles names them.", place: Problem.Place(field: "permissions"))
                }
                return permission
            })
    }

    private static let noRole = Problem(
        .notFound, code: "role.not-found", "There is no such role of your own here.",
        hint: "Built-in roles cannot be changed. The list of roles shows both.")
}
