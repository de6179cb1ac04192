import Foundation
import Kernel
import Store

extension IdentityDesk {
    /// Every role that people of the organisation can have: the built-in ones, then its own by name.
    public func roles(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> [Role] {
        try await database.scope(organisation, as: principal).read { view in
            Role.builtIn
                + (try view.list(CustomRole.self).map(\.record.role)).sorted {
                    ($0.title, $0.name) < ($1.title, $1.name)
                }
        }
    }

    /// Makes a role of the organisation's own.
    ///
    /// - Throws: `Problem` that names the field `title` or `permissions`.
    public func makeRole(_ title: String, _ permissions: Set<Permission>, by caller: Caller) async throws -> Role {
        let title = try OneLine.checked(title, field: "title", longest: 40)
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        return try await scope.change("role.made", on: "organisation:\(caller.tenant.id)") { change in
            let id = change.newIdentifier(of: CustomRole.self)
            let role = try Self.checked(id, title, permissions, by: caller, in: change)
            return try change.insert(role).record.role
        }
    }

    /// Changes what a role of the organisation's own is called and holds, for everybody who has it.
    public func changeRole(
        _ id: Identifier<CustomRole>, title: String, _ permissions: Set<Permission>, by caller: Caller
    ) async throws -> Role {
        let title = try OneLine.checked(title, field: "title", longest: 40)
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        return try await scope.change("role.changed", on: "role:\(id)") { change in
            let stored = try change.view.require(CustomRole.self, id)
            let role = try Self.checked(id, title, permissions, by: caller, in: change)
            if !role.role.permissions.isSubset(of: stored.record.role.permissions) {
                try Self.reopenDecisions(onHoldersOf: role.role.name, in: change)
            }
            return try change.update(stored, to: role).record.role
        }
    }

    /// Removes a role of the organisation's own.
    ///
    /// - Throws: `Problem` of kind `conflict` while somebody has it, or is invited to it.
    public func removeRole(_ id: Identifier<CustomRole>, by caller: Caller) async throws {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("role.removed", on: "role:\(id)") { change in
            try Authority(of: caller, in: change.view).demand(.changeRoles)
            let stored = try change.view.require(CustomRole.self, id)
            let name = stored.record.role.name
            let holders = try change.view.list(Membership.self).count { $0.record.role == name }
            let open = Query("expires_at > ?", [.integer(change.now.milliseconds)])
            let invited = try change.view.list(Invitation.self, open).count { $0.record.role == name }
            guard holders + invited == 0 else {
                throw Problem(
                    .conflict, code: "role.in-use",
                    "Somebody has the role \(stored.record.title), or is invited to it.",
                    hint: "Give them another role, or revoke the invitation, first.")
            }
            try change.delete(stored)
        }
    }

    private static func checked(
        _ id: Identifier<CustomRole>, _ title: String, _ permissions: Set<Permission>, by caller: Caller,
        in change: Change
    ) throws -> CustomRole {
        let authority = try Authority(of: caller, in: change.view)
        try authority.demand(.changeRoles)
        let taken =
            Role.builtIn.map(\.name)
            + (try change.view.list(CustomRole.self).map(\.record)).filter { $0.id != id }.map(\.title)
        guard !taken.contains(where: { $0.caseInsensitiveCompare(title) == .orderedSame }) else {
            throw Problem(
                .conflict, code: "role.title-taken", "There is a role called \(title) already.",
                hint: "Choose another name.", place: Problem.Place(field: "title"))
        }
        let place = Problem.Place(field: "permissions")
        guard permissions.isSubset(of: CustomRole.choices) else {
            throw Problem(
                .invalid, code: "role.permission", "A role of your own cannot hold all of these permissions.",
                hint: "Leave out what only owners may, and what everyone may.", place: place)
        }
        guard !permissions.isEmpty else {
            throw Problem(
                .invalid, code: "role.empty", "The role would permit nothing.", hint: "Choose at least one permission.",
                place: place)
        }
        try authority.demandGrant(of: permissions, as: "The role would permit", field: "permissions")
        return CustomRole(
            id: id, title: title, permissions: CustomRole.choices.filter(permissions.contains), changedAt: change.now,
            changedBy: caller.principal.actor)
    }

    /// The role that a membership names.
    static func role(_ name: String, in view: ReadView) throws -> Role? {
        if let role = Role.named(name) { return role }
        guard let id = Identifier<CustomRole>(name) else { return nil }
        return try view.find(CustomRole.self, id)?.record.role
    }

    static func requireRole(_ name: String, in view: ReadView) throws -> Role {
        guard let role = try role(name, in: view) else {
            throw Problem(
                .invalid, code: "role.unknown", "There is no such role here.",
                hint: "The list of roles shows them.", place: Problem.Place(field: "role"))
        }
        return role
    }
}
