import Foundation
import Kernel
import OpenIDConnect
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

@Suite("Sign-in at an organisation's identity provider")
struct ProviderTests {
    // MARK: - The provider

    @Test("only an owner sets it, and its secret is kept for the issuer and the client that it was given for")
    func setting() async throws {
        let house = try await TestHouse.withProvider()
        let admin = try await house.member("Grace", as: "admin")
        #expect(
            await problem {
                _ = try await house.desk.removeIdentityProvider(by: try await house.again(admin))
            }?.code == "session.not-permitted")
        let kept = try await house.setProvider(secret: .keep)
        let site = try Site(authority: "trust.example")
        let client = try await house.desk.client(of: kept, at: site)
        #expect(client.secret == "s3cret")
        #expect(client.returnAddress == "https://trust.example/sign-in/provider/return")
        let secrets = try await house.installation.database.installation(as: .operator).read {
            try $0.count(IdentityProviderSecret.self)
        }
        #expect(secrets == 1, "what is not used any more is not kept")
        #expect(
            await problem { try await house.setProvider(issuer: "https://evil.example", secret: .keep) }?.code
                == "identity-provider.secret")
        #expect(
            try await house.desk.identityProvider(slug: house.tenant.slug)?.provider.issuer.text == TestHouse.issuer)
        #expect(try await house.desk.identityProvider(slug: "nobodys") == nil)
        #expect(try await !house.setProvider(secret: .none).hasSecret)
        try await house.desk.removeIdentityProvider(by: try await house.again(house.owner))
        #expect(try await house.desk.identityProvider(slug: house.tenant.slug) == nil)
        #expect(
            await problem { _ = try await house.desk.beginVisit(.signIn, to: house.tenant.id) }?.code
                == "identity-provider.none")
    }

    @Test("setting or removing it ends the sessions that it began, and no others")
    func endsSessions() async throws {
        let house = try await TestHouse.withProvider()
        _ = try await house.joined("grace", as: "g")
        let (token, _) = try await house.signIn(as: TestHouse.says("g"))
        let (own, _) = try await house.installation.signIn()
        #expect(try await house.desk.signedIn(with: token) != nil)
        try await house.setProvider()
        #expect(try await house.desk.signedIn(with: token) == nil)
        #expect(try await house.desk.signedIn(with: own) != nil)
    }

    // MARK: - A visit

    @Test("a visit ends once, in time, in the browser that began it, at the provider that it was begun for")
    func visits() async throws {
        let house = try await TestHouse.withProvider()
        func begun() async throws -> ProviderVisit { try await house.desk.beginVisit(.signIn, to: house.tenant.id) }
        let visit = try await begun()
        _ = try await house.desk.end(try await house.desk.visit(visit.cookie), network: "a")
        #expect(
            await problem { _ = try await house.desk.end(try await house.desk.visit(visit.cookie), network: "b") }?.code
                == "identity-provider.visit")
        let another = try await begun()
        #expect(another.request.state != visit.request.state)
        #expect(another.request.nonce != visit.request.nonce)
        #expect(another.request.verifier.count == 64)
        #expect(another.request.verifier != visit.request.verifier)
        for forged in [
            "", ".", another.cookie.text + "0", String(another.cookie.text.dropFirst()),
            "e30." + (another.cookie.text.split(separator: ".").last ?? ""), String(repeating: "a", count: 5000),
        ] {
            #expect(
                await problem { _ = try await house.desk.visit(SecretToken(presented: forged)) }?.code
                    == "identity-provider.visit", "\(forged.prefix(40))")
        }
        #expect(try await house.desk.visit(another.cookie).request == another.request)
        try await house.setProvider()
        #expect(
            await problem { _ = try await house.desk.visit(another.cookie) }?.code == "identity-provider.visit",
            "another provider now")
        let late = try await begun()
        house.installation.clock.move(by: .minutes(10))
        #expect(await problem { _ = try await house.desk.visit(late.cookie) }?.code == "identity-provider.visit")
    }

    @Test("many visits that fail make their network wait, and nobody else")
    func throttle() async throws {
        let house = try await TestHouse.withProvider()
        func end(from network: String) async throws {
            let visit = try await house.desk.beginVisit(.signIn, to: house.tenant.id)
            _ = try await house.desk.end(visit, network: network)
        }
        for _ in 1...5 { try await end(from: "192.0.2.7") }
        #expect(await problem { try await end(from: "192.0.2.7") }?.kind == .tooMuch)
        try await end(from: "198.51.100.7")
    }

    // MARK: - Signing in

    @Test("nobody is let in whom nobody linked, whatever address the provider knows")
    func unknown() async throws {
        let house = try await TestHouse.withProvider()
        #expect(
            await problem { _ = try await house.signIn(as: TestHouse.says(TestInstallation.email)) }?.code
                == "identity-provider.not-linked")
    }

    @Test("who linked it is let in by it: by issuer and subject together")
    func linked() async throws {
        let house = try await TestHouse.withProvider()
        _ = try await house.visit(.link(house.owner), as: TestHouse.says("ada"))
        let (_, signedIn) = try await house.signIn(as: TestHouse.says("ada"))
        #expect(signedIn.account.id == house.owner.account.id)
        #expect(signedIn.session.means == [.identityProvider])
        for other in [TestHouse.says("Ada"), TestHouse.says("ada", issuer: "https://other.example")] {
            #expect(await problem { _ = try await house.signIn(as: other) }?.code == "identity-provider.not-linked")
        }
        #expect(
            try await house.desk.notices(of: house.owner.account.id).contains { $0.text.contains("identity provider") })
        #expect(try await house.desk.ownIdentities(of: house.owner).count == 1)
    }

    @Test("an identity is linked to one person, and only by who is there and has confirmed it")
    func linking() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.member("Grace")
        _ = try await house.visit(.link(house.owner), as: TestHouse.says("ada"))
        #expect(
            await problem { _ = try await house.visit(.link(grace), as: TestHouse.says("ada")) }?.code
                == "identity-provider.linked")
        let begun = try await house.desk.beginVisit(.link(grace), to: house.tenant.id)
        try await house.desk.signOut(grace)
        #expect(
            await problem {
                let attempt = try await house.desk.end(begun, network: "a")
                _ = try await house.desk.finish(begun, as: TestHouse.says("grace"), attempt)
            }?.code == "identity-provider.visit", "the session ended meanwhile")
        let (_, owner) = try await house.installation.signIn()
        let early = try await house.desk.beginVisit(.link(owner), to: house.tenant.id)
        house.installation.clock.move(by: .seconds(1))
        _ = try await house.desk.confirm(owner, password: TestInstallation.password, code: "", network: "n")
        #expect(
            await problem {
                let attempt = try await house.desk.end(early, network: "b")
                _ = try await house.desk.finish(early, as: TestHouse.says("thief"), attempt)
            }?.code == "identity-provider.visit", "the session has another token")
        house.installation.clock.move(by: .minutes(15))
        #expect(
            await problem { _ = try await house.visit(.link(house.owner), as: TestHouse.says("x")) }?.code
                == "session.confirm")
    }

    @Test("a second factor of the person's own is asked for after the provider too, unless its own counts")
    func secondFactor() async throws {
        for (trusts, methods, expectsStep) in [
            (false, ["pwd", "mfa"], true), (true, ["pwd"], true), (true, ["hwk"], true), (true, ["pwd", "mfa"], false),
        ] as [(Bool, Set<String>, Bool)] {
            let house = try await TestHouse.withProvider(trustsSecondFactor: trusts)
            _ = try await house.visit(.link(house.owner), as: TestHouse.says("ada"))
            let app = AppOnTheSide(house.installation)
            try await app.add(to: house.owner)
            house.installation.clock.move(by: .seconds(30))
            let outcome = try await house.visit(.signIn, as: TestHouse.says("ada", by: methods))
            guard case .signIn(let step) = outcome else {
                Issue.record("no sign-in")
                return
            }
            switch step {
            case .needsSecondFactor(let token):
                #expect(expectsStep)
                let (_, signedIn) = try await house.desk.signIn(pending: token, code: app.code())
                #expect(signedIn.session.means == [.identityProvider, .authenticatorApp])
                #expect(signedIn.session.isConfined)
            case .done(_, let signedIn):
                #expect(!expectsStep)
                #expect(signedIn.session.means == [.identityProvider, .identityProviderSecondFactor])
            }
        }
    }

    @Test("what the organisation demands is met by its provider only where that is trusted with it")
    func demand() async throws {
        let house = try await TestHouse.withProvider(trustsSecondFactor: true)
        #expect(!SignInDemand.secondFactor.isMet(by: [.identityProvider]))
        #expect(SignInDemand.secondFactor.isMet(by: [.identityProvider, .identityProviderSecondFactor]))
        #expect(!SignInDemand.phishingResistant.isMet(by: [.identityProvider, .identityProviderSecondFactor]))
        _ = try await house.joined("grace", as: "g")
        let (_, signedIn) = try await house.signIn(as: TestHouse.says("g", by: ["mfa"]))
        #expect(signedIn.lacks == nil)
    }

    // MARK: - One organisation only

    @Test("a provider opens its own organisation and no other that its people belong to")
    func confined() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.member("Grace")
        _ = try await house.visit(.link(grace), as: TestHouse.says("g"))
        let other = try await house.desk.found("Birch Records", as: .operator)
        let link = try await house.desk.makeSetUpLink(for: other.id, as: .operator)
        let (token, signedIn) = try await house.signIn(as: TestHouse.says("g"))
        #expect(signedIn.tenant.id == house.tenant.id)
        // Not by a link that somebody gives them, and it stays good.
        #expect(await problem { _ = try await house.desk.join(with: link, as: signedIn) }?.code == "session.confined")
        let (_, inOther) = try await house.desk.join(with: link, as: grace)
        #expect(inOther.tenant.id == other.id)
        let again = try #require(try await house.desk.signedIn(with: token))
        #expect(
            await problem { _ = try await house.desk.changeOver(again, to: other.id) }?.code == "session.confined")
        // The other organisation's provider is another one, though it has the same name.
        let owner = Caller(principal: .person(grace.account.id), tenant: other, permissions: Set(Permission.allCases))
        try await house.desk.setIdentityProvider(
            IdentityProviderForm(
                name: "Alder Login", issuer: try Issuer(TestHouse.issuer, rule: .secure), clientID: "other",
                secret: .none, trustsSecondFactor: false), by: owner)
        #expect(
            await problem { _ = try await house.visit(.signIn, as: TestHouse.says("g"), to: other.id) }?.code
                == "identity-provider.not-linked")
    }

    @Test("a provider cannot give its people's accounts other means while they have some of their own")
    func noTakingOver() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.member("Grace")
        _ = try await house.visit(.link(grace), as: TestHouse.says("g"))
        let (token, signedIn) = try await house.signIn(as: TestHouse.says("g"))
        #expect(await problem { try house.desk.demandFresh(signedIn) }?.code == "session.confirm")
        #expect(try await house.desk.waysToConfirm(signedIn).provider == nil)
        #expect(
            await problem { _ = try await house.visit(.confirm(signedIn), as: TestHouse.says("g")) }?.code
                == "session.confirm-own")
        let new = try await house.desk.confirm(
            signedIn, password: "seven unrelated words, please", code: "", network: "192.0.2.0/24")
        #expect(try await house.desk.signedIn(with: token) == nil)
        let fresh = try #require(try await house.desk.signedIn(with: new))
        try house.desk.demandFresh(fresh)
        #expect(
            fresh.session.isConfined && fresh.session.vouchedBy == [house.tenant.id], "it opens no more than before")
    }

    @Test("who left is not let in, and is told no more than a stranger")
    func left() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.joined("grace", as: "g")
        _ = try await house.desk.end(grace.account.id, remaining: [], by: try await house.again(house.owner))
        #expect(
            await problem { _ = try await house.signIn(as: TestHouse.says("g")) }?.code
                == "identity-provider.not-linked")
        // With a new invitation they are who they were.
        let (link, _) = try await house.desk.invite(
            "grace@example.org", as: "member", by: try await house.again(house.owner))
        let outcome = try await house.visit(
            .join(link, name: "Grace", email: "other@example.org"), as: TestHouse.says("g"))
        guard case .signIn(.done(_, let signedIn)) = outcome else {
            Issue.record("no sign-in")
            return
        }
        #expect(signedIn.account.id == grace.account.id)
    }

    // MARK: - Without a password

    @Test("an invitation is taken at the provider, and makes an account without a password")
    func joining() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.joined("grace", as: "g")
        #expect(grace.account.email == "grace@example.org")
        #expect(grace.session.isConfined)
        try house.desk.demandFresh(grace)
        // By password there is the refusal of every wrong pair, and no second account at the address.
        let attempt = await problem { try await house.installation.signIn("grace@example.org", "anything at all") }
        #expect(attempt?.code == "identity.sign-in")
        // A link that was made for somebody else.
        let (link, _) = try await house.desk.invite(
            "mallory@example.org", as: "member", by: try await house.again(house.owner))
        #expect(
            await problem {
                _ = try await house.desk.join(
                    with: link, name: "Mallory", email: "Grace@example.org", password: "seven unrelated words, please",
                    network: "192.0.2.0/24")
            }?.code == "identity.email-taken")
        #expect(
            await problem {
                _ = try await house.visit(
                    .join(link, name: "Mallory", email: "grace@example.org"), as: TestHouse.says("mallory"))
            }?.code == "identity.email-taken")
        #expect(try await house.desk.invitation(link).tenant.id == house.tenant.id, "the link stays good")
    }

    @Test("a link that was taken meanwhile leaves no account behind")
    func faster() async throws {
        let house = try await TestHouse.withProvider()
        let (link, _) = try await house.desk.invite(
            "a@example.org", as: "member", by: try await house.again(house.owner))
        let visit = try await house.desk.beginVisit(
            .join(link, name: "Grace", email: "grace@example.org"), to: house.tenant.id)
        _ = try await house.desk.join(
            with: link, name: "Faster", email: "f@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24")
        #expect(
            await problem {
                _ = try await house.desk.finish(
                    visit, as: TestHouse.says("g"), try await house.desk.end(visit, network: "a"))
            }?.code == "identity.invitation")
        #expect(await problem { _ = try await house.desk.person("grace@example.org", as: .operator) } != nil)
        #expect(
            await problem { _ = try await house.signIn(as: TestHouse.says("g")) }?.code
                == "identity-provider.not-linked")
    }

    @Test("who has nothing else confirms at the provider, as the same person")
    func confirming() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.joined("grace", as: "g")
        house.installation.clock.move(by: .minutes(15))
        #expect(await problem { try house.desk.demandFresh(grace) }?.code == "session.confirm")
        #expect(
            await problem {
                _ = try await house.desk.confirm(grace, password: "", code: "", network: "192.0.2.0/24")
            }?.code == "session.confirm-wrong")
        #expect(try await house.desk.waysToConfirm(grace).provider?.name == "Alder Login")
        #expect(try await house.desk.beginVisit(.confirm(grace), to: house.tenant.id).request.demandsNewSignIn)
        #expect(
            await problem { _ = try await house.visit(.confirm(grace), as: TestHouse.says("somebody else")) }?.code
                == "session.confirm-wrong")
        guard
            case .confirmed(let confirmed) = try await house.visit(.confirm(grace), as: TestHouse.says("g"))
        else {
            Issue.record("not confirmed")
            return
        }
        let same = try #require(try await house.desk.signedIn(with: confirmed))
        try house.desk.demandFresh(same)
        #expect(same.session.id == grace.session.id && same.session.expiresAt == grace.session.expiresAt)
        #expect(same.session.formToken != grace.session.formToken)
        let (token, fresh) = try await house.signIn(as: TestHouse.says("g"))
        try house.desk.demandFresh(fresh)
        // From the first means of their own on, that one is asked for.
        try await house.desk.changePassword(of: fresh, to: "seven unrelated words, please", network: "192.0.2.0/24")
        #expect(try await house.desk.waysToConfirm(fresh).provider == nil)
        let (_, later) = try await house.signIn(as: TestHouse.says("g"))
        #expect(await problem { try house.desk.demandFresh(later) }?.code == "session.confirm")
        #expect(try await house.desk.signedIn(with: token) != nil)
        let own = try await house.installation.signIn("grace@example.org", "seven unrelated words, please").1
        #expect(!own.session.isConfined)
    }

    @Test("without a password the code of an app confirms alone")
    func confirmingByApp() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.joined("grace", as: "g")
        let app = AppOnTheSide(house.installation)
        try await app.add(to: grace)
        house.installation.clock.move(by: .minutes(15))
        #expect(try await house.desk.waysToConfirm(grace).provider == nil)
        #expect(
            await problem { _ = try await house.desk.confirm(grace, code: "000000") }?.code == "session.confirm-wrong")
        _ = try await house.desk.confirm(grace, code: app.code())
        // It is no way round a password.
        let owner = AppOnTheSide(house.installation)
        _ = try await house.desk.confirm(
            house.owner, password: TestInstallation.password, code: "", network: "192.0.2.0/24")
        let (_, ada) = try await house.installation.signIn()
        try await owner.add(to: ada)
        house.installation.clock.move(by: .seconds(30))
        #expect(
            await problem { _ = try await house.desk.confirm(ada, code: owner.code()) }?.code == "session.confirm-wrong"
        )
    }

    @Test("the last means cannot be taken away")
    func lastMeans() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.joined("grace", as: "g")
        let id = try #require(try await house.desk.ownIdentities(of: grace).first).id
        #expect(await problem { try await house.desk.unlink(id, of: grace) }?.code == "account.last-means")
        #expect(await problem { try await house.desk.unlink(id, of: house.owner) }?.code == "identity.not-found")
        try await house.desk.changePassword(of: grace, to: "seven unrelated words, please", network: "192.0.2.0/24")
        let (token, _) = try await house.signIn(as: TestHouse.says("g"))
        try await house.desk.unlink(id, of: grace)
        #expect(try await house.desk.signedIn(with: token) == nil, "its sessions end with it")
        #expect(
            await problem { _ = try await house.signIn(as: TestHouse.says("g")) }?.code
                == "identity-provider.not-linked")
    }

    @Test("erasing a person erases what was linked to them")
    func erasure() async throws {
        let house = try await TestHouse.withProvider()
        let grace = try await house.joined("grace", as: "g")
        try await house.desk.erase(grace.account.id, from: [house.tenant.id], as: .operator)
        #expect(
            await problem { _ = try await house.signIn(as: TestHouse.says("g")) }?.code
                == "identity-provider.not-linked")
        let left = try await house.installation.database.installation(as: .operator).read {
            try $0.count(LinkedIdentity.self)
        }
        #expect(left == 0)
    }
}

/// An authenticator app that a test holds.
private final class AppOnTheSide {
    private let installation: TestInstallation
    private var key: [UInt8] = []

    init(_ installation: TestInstallation) { self.installation = installation }

    func add(to signedIn: SignedIn) async throws {
        let (_, _) = try await installation.desk.beginApp(of: signedIn, issuer: "Vouchsafe")
        let factors = try await installation.database.installation(as: .operator).read {
            try $0.require(Factors.self, signedIn.account.id.retyped()).record
        }
        struct Stored: Decodable {
            struct App: Decodable { let secret: [UInt8] }
            let app: App
        }
        key = try JSONDecoder().decode(Stored.self, from: JSONEncoder().encode(factors.appToConfirm)).app.secret
        _ = try await installation.desk.confirmApp(of: signedIn, code: code())
    }

    func code() -> String {
        OneTimePassword.code(
            secret: key, counter: installation.clock.clock.now().milliseconds / OneTimePassword.step)
    }
}
