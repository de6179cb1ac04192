import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

@Suite(.onEveryDatabase) struct RoleTests {
    @Test func aRoleOfOnesOwnIsGivenLikeAnyOther() async throws {
        let house = try await TestHouse.make()
        let role = try await house.desk.makeRole("Desk", [.readPeople, .readHosts], by: house.owner.caller)
        let (token, dana) = try await house.join("Dana", as: role.name)
        #expect(dana.permissions == role.permissions)
        #expect(role.permissions.isSuperset(of: [.readPeople, .readHosts, .changeOwnAccount, .signIn]))
        #expect(!role.permissions.contains(.changePeople))
        let id = try #require(Identifier<CustomRole>(role.name))
        _ = try await house.desk.changeRole(id, title: "Front desk", [.readHosts], by: house.owner.caller)
        #expect(try await house.desk.signedIn(with: token)?.permissions.contains(.readPeople) == false)
        let roles = try await house.desk.roles(of: house.tenant.id, as: .operator)
        #expect(roles.map(\.title) == ["owner", "admin", "security", "member", "auditor", "Front desk"])
        #expect(try await house.tells("role.changed", of: "role:\(id)"))
    }

    @Test(arguments: [
        (Permission.changeTokens, Permission.readTokens), (.changeIdentityProvider, .readIdentityProvider),
    ])
    func whoMayChangeSomethingSeesIt(_ change: Permission, _ reading: Permission) async throws {
        let house = try await TestHouse.make()
        let role = try await house.desk.makeRole("Desk", [change], by: house.owner.caller)
        #expect(role.permissions.contains(reading))
        for role in [Role.owner, .admin, .security, .auditor] { #expect(role.permissions.contains(reading)) }
        #expect(!Role.member.permissions.contains(reading))
    }

    @Test(
        arguments: [
            ("Desk", [.changeOwners], "role.permission", "permissions"), ("Desk", [], "role.empty", "permissions"),
            ("Desk", [.signIn], "role.permission", "permissions"), ("", [.readHosts], "input.text", "title"),
            ("OWNER", [.readHosts], "role.title-taken", "title"), ("There", [.readHosts], nil, nil),
            ("there already", [.readHosts], "role.title-taken", "title"),
            (String(repeating: "x", count: 41), [.readHosts], "input.text", "title"),
        ] as [(String, Set<Permission>, String?, String?)])
    func whatWillNotDoIsNamed(_ title: String, _ permissions: Set<Permission>, _ code: String?, _ field: String?)
        async throws
    {
        let house = try await TestHouse.make()
        _ = try await house.desk.makeRole("There Already", [.readHosts], by: house.owner.caller)
        let refusal = await problem { _ = try await house.desk.makeRole(title, permissions, by: house.owner.caller) }
        #expect(refusal?.code == code)
        #expect(refusal?.place?.field == field)
    }

    @Test func nobodyMakesARoleThatHoldsMoreThanTheyDo() async throws {
        let house = try await TestHouse.make()
        let maker = try await house.desk.makeRole("Maker", [.changeRoles, .readHosts], by: house.owner.caller)
        let mel = try await house.member("Mel", as: maker.name)
        _ = try await house.desk.makeRole("Less", [.readHosts], by: mel.caller)
        let more = await problem { _ = try await house.desk.makeRole("More", [.readPeople], by: mel.caller) }
        #expect(more?.code == "people.beyond-own-role")
        #expect(more?.place?.field == "permissions")
        let id = try #require(Identifier<CustomRole>(maker.name))
        let raised = await problem {
            _ = try await house.desk.changeRole(id, title: "Maker", [.changeRoles, .changePeople], by: mel.caller)
        }
        #expect(raised?.code == "people.beyond-own-role")
    }

    /// Why a role cannot be removed.
    enum Use: CaseIterable { case held, offered, unused, offeredLongAgo }

    @Test(arguments: Use.allCases) func aRoleIsRemovedOnlyWhenNobodyHasIt(_ use: Use) async throws {
        let house = try await TestHouse.make()
        let role = try await house.desk.makeRole("Desk", [.readHosts], by: house.owner.caller)
        let id = try #require(Identifier<CustomRole>(role.name))
        switch use {
        case .held: _ = try await house.member("Dana", as: role.name)
        case .offered: _ = try await house.desk.invite("d@example.org", as: role.name, by: house.owner.caller)
        case .offeredLongAgo:
            _ = try await house.desk.invite("d@example.org", as: role.name, by: house.owner.caller)
            house.installation.clock.move(by: .days(8))
        case .unused: break
        }
        let refusal = await problem { try await house.desk.removeRole(id, by: house.owner.caller) }
        #expect(refusal?.code == (use == .held || use == .offered ? "role.in-use" : nil))
        #expect(refusal?.kind ?? .conflict == .conflict)
    }

    @Test func aRoleOfAnotherOrganisationIsNotThere() async throws {
        let house = try await TestHouse.make()
        let other = try await house.desk.found("Elsewhere", as: .operator)
        let foreign = try await house.desk.makeRole("Desk", [.readHosts], by: .operator(in: other))
        let id = try #require(Identifier<CustomRole>(foreign.name))
        let caller = house.owner.caller
        #expect(await problem { try await house.desk.removeRole(id, by: caller) }?.kind == .notFound)
        #expect(
            await problem { _ = try await house.desk.changeRole(id, title: "X", [.readHosts], by: caller) }?.kind
                == .notFound)
        #expect(
            await problem { _ = try await house.desk.invite("a@example.org", as: foreign.name, by: caller) }?.code
                == "role.unknown")
    }

    @Test func adminsHaveNoWayToBecomeOwners() {
        #expect(!CustomRole.choices.contains(.changeOwners))
        #expect(CustomRole.choices.count { $0.isForEveryPerson } == 0)
        #expect(!Role.admin.permissions.isSuperset(of: Role.owner.permissions))
    }
}
