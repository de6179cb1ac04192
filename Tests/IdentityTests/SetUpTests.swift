import Identity
import Kernel
import Store
import TestSupport
import Testing

@Suite struct SetUpTests {
    @Test func aLinkMakesAnOwnerWhoIsSignedIn() async throws {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        #expect(signedIn.account.name == "Ada Lovelace")
        #expect(signedIn.tenant.slug == "hazelbrook-maps")
        #expect(signedIn.permissions == Set(Permission.allCases))
        #expect(try await installation.desk.signedIn(with: token)?.account == signedIn.account)
    }

    @Test func aLinkWorksOnce() async throws {
        let installation = try await TestInstallation.make()
        let link = try await installation.link()
        _ = try await installation.setUp(with: link)
        let refusal = await problem { _ = try await installation.setUp(with: link, email: "eve@example.org") }
        #expect(refusal?.code == "identity.invitation")
        #expect(try await installation.desk.memberCount(of: installation.tenant.id, as: .operator) == 1)
    }

    @Test func oneLinkMakesOneOwnerEvenWhenItIsUsedTwiceAtOnce() async throws {
        let installation = try await TestInstallation.make()
        let link = try await installation.link()
        let successes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<4 {
                group.addTask {
                    await problem { _ = try await installation.setUp(with: link, email: "p\(number)@example.org") }
                        == nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(successes == 1)
    }

    @Test func aLinkRunsOutAfterSevenDays() async throws {
        let installation = try await TestInstallation.make()
        let link = try await installation.link()
        installation.clock.move(by: .days(7))
        #expect(await problem { _ = try await installation.setUp(with: link) }?.code == "identity.invitation")
    }

    @Test func aNewLinkEndsTheOneBefore() async throws {
        let installation = try await TestInstallation.make()
        let first = try await installation.link()
        let second = try await installation.link()
        #expect(await problem { _ = try await installation.setUp(with: first) }?.code == "identity.invitation")
        _ = try await installation.setUp(with: second)
    }

    @Test func thereAreNoLinksOnceThereIsAnOwner() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        #expect(await problem { _ = try await installation.link() }?.code == "identity.set-up-done")
    }

    @Test(arguments: [
        ("", TestInstallation.email, TestInstallation.password, "name"),
        ("Ada\u{7}", TestInstallation.email, TestInstallation.password, "name"),
        ("Ada", "not an address", TestInstallation.password, "email"),
        ("Ada", "ada@", TestInstallation.password, "email"),
        ("Ada", TestInstallation.email, "too short", "password"),
        ("Ada", TestInstallation.email, "aaaaaaaaaaaaaaaaaaaaaa", "password"),
        ("Ada", TestInstallation.email, "hazelbrook maps!!", "password"),
        ("Ada", TestInstallation.email, "lovelace-lovelace-lovelace", "password"),
        ("Ada", TestInstallation.email, String(repeating: "long password ", count: 80), "password"),
    ])
    func whatWillNotDoIsNamedAndTheLinkStaysGood(_ name: String, _ email: String, _ password: String, _ field: String)
        async throws
    {
        let installation = try await TestInstallation.make()
        let link = try await installation.link()
        let refusal = await problem {
            _ = try await installation.setUp(with: link, name: name, email: email, password: password)
        }
        #expect(refusal?.place?.field == field)
        #expect(refusal?.hint != nil)
        _ = try await installation.setUp(with: link)
    }

    @Test func anInterruptedSetUpIsFinishedWithTheSameAddressAndPassword() async throws {
        let installation = try await TestInstallation.make()
        _ = try await installation.setUp()
        let second = try await installation.desk.found("Second Company", as: .operator)
        let link = try await installation.desk.makeSetUpLink(for: second.id, as: .operator)
        let stranger = await problem {
            _ = try await installation.setUp(with: link, password: "another password entirely")
        }
        #expect(stranger?.code == "identity.email-taken")
        let (_, signedIn) = try await installation.setUp(with: link)
        #expect(signedIn.tenant == second)
        #expect(try await installation.desk.names(as: .operator).count == 1)
    }

    @Test func organisationsOfTheSameNameHaveDifferentAddresses() async throws {
        let installation = try await TestInstallation.make()
        let slugs = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 { group.addTask { try await installation.desk.found("Grüne Wiese", as: .operator).slug } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(slugs) == ["grune-wiese", "grune-wiese-2", "grune-wiese-3", "grune-wiese-4"])
    }
}
