import Kernel
import Store
import TestSupport

@testable import Identity

/// Two organisations on one server: Alder, whose admins help themselves, and Birch, which must not notice more than it should.
struct TwoHouses {
    let installation: TestInstallation
    /// Owners of Alder.
    let mallory: SignedIn
    let nell: SignedIn
    /// The owner of Birch.
    let bruno: SignedIn
    /// Somebody who belongs to both, signed in to Alder.
    let pia: SignedIn
    let birch: Tenant

    var desk: IdentityDesk { installation.desk }
    var alder: Tenant { installation.tenant }

    static let password = "seven unrelated words, please"
    static let new = "eleven kettles on a slow barge"

    static func make() async throws -> TwoHouses {
        let (installation, _, mallory) = try await TestInstallation.owned()
        let desk = installation.desk
        let birch = try await desk.found("Birch", as: .operator)
        let link = try await desk.makeSetUpLink(for: birch.id, as: .operator)
        let (_, bruno) = try await desk.join(
            with: link, name: "Bruno", email: "bruno@example.org", password: password, network: "192.0.2.0/24")
        func join(_ name: String, as role: String, invitedBy host: SignedIn) async throws -> SignedIn {
            let email = "\(name.lowercased())@example.org"
            let (token, _) = try await desk.invite(email, as: role, by: host.caller)
            return try await desk.join(
                with: token, name: name, email: email, password: password, network: "192.0.2.0/24"
            ).1
        }
        let nell = try await join("Nell", as: "owner", invitedBy: mallory)
        let pia = try await join("Pia", as: "member", invitedBy: mallory)
        let (token, _) = try await desk.invite("pia@example.org", as: "admin", by: bruno.caller)
        _ = try await desk.join(
            with: token, name: "Pia", email: "pia@example.org", password: password, network: "192.0.2.0/24")
        return TwoHouses(installation: installation, mallory: mallory, nell: nell, bruno: bruno, pia: pia, birch: birch)
    }

    // MARK: - What Pia has

    /// Gives Pia an authenticator app from before, with recovery codes.
    func giveApp() async throws -> (app: OneTimePasswordFactor, codes: [String]) {
        let signedIn = try await signIn().1
        return try await app(for: signedIn)
    }

    /// Adds an app as whoever holds the session.
    func app(for signedIn: SignedIn) async throws -> (app: OneTimePasswordFactor, codes: [String]) {
        let app = OneTimePasswordFactor(
            randomness: seededRandomness(UInt64(installation.clock.now.milliseconds % 1000)))
        let codes = RecoveryCodes.make(randomness: seededRandomness(UInt64(installation.clock.now.milliseconds % 997)))
        let vouchedBy = signedIn.session.vouchedBy
        let person: Identifier<Person> = signedIn.account.id
        try await installation.database.installation(as: .person(person)).change("app.added") { change in
            if let old = try change.view.find(Factors.self, person.retyped()) { try change.delete(old) }
            var own = Factors(id: person.retyped(), userHandle: [7])
            own.app = app
            own.appVouchedBy = vouchedBy
            own.recoveryCodes = codes.kept
            own.codesVouchedBy = vouchedBy
            try change.insert(own)
        }
        return (app, codes.codes.map(\.text))
    }

    // MARK: - Signing in as Pia

    func step(_ password: String = password) async throws -> SignInStep {
        try await desk.signIn(email: "pia@example.org", password: password, network: "192.0.2.0/24")
    }

    /// With the password, and with a code where one is asked for.
    @discardableResult
    func signIn(_ password: String = password, code: String? = nil) async throws -> (SecretToken, SignedIn) {
        switch try await step(password) {
        case .done(let token, let signedIn): return (token, signedIn)
        case .needsSecondFactor(let pending): return try await desk.signIn(pending: pending, code: code ?? "")
        }
    }

    /// A recovery of Pia's account in Alder whose second factor two people have said to be lost.
    func confirmedLoss() async throws -> SecretToken {
        let (token, _) = try await desk.startRecovery(of: pia.account.id, because: "lost", by: mallory.caller)
        try await desk.declareLoss(by: token)
        try await desk.confirmRecovery(of: pia.account.id, by: nell.caller)
        return token
    }

    /// Recovers Pia's account in Alder, as whoever holds the link.
    @discardableResult
    func recover(
        in organisation: Tenant? = nil, by helper: SignedIn? = nil, to password: String = new, current: String = ""
    ) async throws -> SignInStep {
        let helper = helper ?? (organisation?.id == birch.id ? bruno : mallory)
        let (token, _) = try await desk.startRecovery(
            of: pia.account.id, because: "lost the notebook", by: helper.caller)
        return try await desk.recover(with: token, password: password, current: current, network: "192.0.2.0/24")
    }

    /// The same where it needs no second factor.
    func recovered(
        in organisation: Tenant? = nil, to password: String = new, current: String = ""
    ) async throws -> (SecretToken, SignedIn) {
        guard case .done(let token, let signedIn) = try await recover(in: organisation, to: password, current: current)
        else { throw Problem(.conflict, code: "test", "A second factor was asked for.") }
        return (token, signedIn)
    }

    // MARK: - What can be reached

    /// The organisations that a session shows and reaches.
    func reach(_ signedIn: SignedIn) async throws -> Set<String> {
        var reached: Set<String> = [signedIn.tenant.name]
        let offered = Set(try await desk.organisations(of: signedIn).map(\.name))
        for tenant in [alder, birch] where tenant.id != signedIn.tenant.id {
            if let over = try? await desk.changeOver(signedIn, to: tenant.id) { reached.insert(over.1.tenant.name) }
        }
        return reached == offered ? reached : ["offered \(offered), reached \(reached)"]
    }

    func member(_ person: SignedIn, of tenant: Tenant) async throws -> Member {
        try await desk.member(person.account.id, of: tenant.id, as: .operator)
    }
}

extension OneTimePasswordFactor {
    /// What the app shows at `now`.
    func code(at now: Instant) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var (word, held): (UInt64, Int) = (0, 0)
        var key: [UInt8] = []
        for character in secretText.filter({ $0 != " " }).utf8 {
            guard let value = letters.firstIndex(of: character) else { continue }
            word = word << 5 | UInt64(value)
            held += 5
            if held >= 8 {
                held -= 8
                key.append(UInt8(truncatingIfNeeded: word >> UInt64(held)))
            }
        }
        return OneTimePassword.code(secret: key, counter: now.milliseconds / OneTimePassword.step)
    }
}
