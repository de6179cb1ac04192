import Kernel
import Store

extension IdentityDesk {
    // MARK: - Signing in

    /// Signs a person in by address and password.
    ///
    /// - Parameters:
    ///   - network: Where the attempt comes from, for throttling only.
    ///   - marks: What the browser keeps of those who signed in on it.
    /// - Throws: One `Problem` `identity.sign-in` for every wrong pair, `tooMuch` while this pair must wait.
    public func signIn(
        email: String, password: String, network: String, marks: DeviceMarks = DeviceMarks(presented: nil)
    ) async throws -> SignInStep {
        let address = (try? Account.normalised(email: email)) ?? "-"
        // Who has no mark costs nothing before there is a place for them.
        let device = marks.isEmpty ? nil : try await known(address, on: marks)?.device
        return try await hasher.admitting(HashingThreads.Applicant(network: network, isKnown: device != nil)) {
            let source = device.map { SignInThrottle.Source.known($0.hex) } ?? .network(network)
            return try await attempt(address, password, from: source, isKnown: device != nil)
        }
    }

    private func attempt(
        _ address: String, _ password: String, from source: SignInThrottle.Source, isKnown: Bool
    ) async throws -> SignInStep {
        let refusal = Problem(
            .unauthenticated, code: "identity.sign-in", "The e-mail address or the password is wrong.",
            hint: "Check both. After several failures you have to wait a little.")
        let known = try await known(address)
        let attempt = try await throttle.begin(address, from: source, isReal: known != nil)
        let plain = PasswordRule.composed(password)
        guard let known else {
            // An unknown address costs the same time as a wrong password.
            _ = try await hashed(plain)
            throw refusal
        }
        guard try await isRight(plain, for: known.credential, isKnown: isKnown) else { throw refusal }
        try await throttle.succeeded(attempt)
        let vouchedBy = known.credential.vouchedBy
        guard try await firstOrganisation(of: known.account.id, vouchedBy: vouchedBy) != nil else { throw refusal }
        return try await continueSignIn(
            of: known.account.id, after: .password, vouchedBy: vouchedBy, verified: known.credential)
    }

    /// The password of `person`, whom one knows already, if it is the one that they give.
    func credential(of person: Identifier<Person>, ifItIs password: String) async throws -> Credential? {
        let credential = try await database.installation(as: .person(person)).read { view in
            try view.find(Credential.self, person.retyped())?.record
        }
        // Who signs in at a provider or by passkey may have none.
        guard let credential else { return nil }
        return try await isRight(PasswordRule.composed(password), for: credential, isKnown: true) ? credential : nil
    }

    /// Compares, and hashes anew what was hashed with older parameters.
    func isRight(_ plain: [UInt8], for credential: Credential, isKnown: Bool) async throws -> Bool {
        let peppered = try await peppered(plain)
        guard try await hasher.matches(peppered, credential.encoded, isKnown: isKnown) else { return false }
        guard !PasswordHasher.isCurrent(credential.encoded) else { return true }
        let encoded = try await hasher.hash(peppered, isKnown: isKnown, randomness: randomness)
        let person: Identifier<Person> = credential.id.retyped()
        try await database.installation(as: .person(person)).change("password.rehashed", on: "person:\(person)") {
            change in
            let stored = try change.view.require(Credential.self, credential.id)
            // Unless it was changed meanwhile.
            guard stored.record.encoded == credential.encoded else { return }
            try change.update(
                stored,
                to: Credential(
                    id: credential.id, encoded: encoded, setAt: credential.setAt, vouchedBy: stored.record.vouchedBy))
        }
        return true
    }

    /// A new password in the form that is hashed.
    ///
    /// - Throws: `Problem` `identity.password` that says why it will not do for this person.
    func newPassword(_ password: String, address: String, name: String, in tenant: Tenant) throws -> [UInt8] {
        let words = address.split { !$0.isLetter && !$0.isNumber } + name.split(separator: " ")
        return try PasswordRule.normalised(
            password, context: words.map(String.init) + [tenant.name], besides: commonPasswords)
    }

    /// A new password as it is stored.
    func hashed(_ plain: [UInt8], isKnown: Bool = false) async throws -> String {
        try await hasher.hash(try await peppered(plain), isKnown: isKnown, randomness: randomness)
    }

    /// The password under a key that is kept apart from the rows (NIST SP 800-63B-4 §3.1.1.2): whoever has only the hashes
    /// cannot even begin to guess.
    private func peppered(_ plain: [UInt8]) async throws -> [UInt8] {
        try await database.installation(as: .job(.signIn)).read { view in
            view.blindIndex(Credential.table, "password", of: plain.hex)
        }
    }

    typealias Known = (account: Account, credential: Credential, device: [UInt8]?)

    /// Who signs in by this address, and which of `marks` is theirs.
    func known(_ address: String, on marks: DeviceMarks = DeviceMarks(presented: nil)) async throws -> Known? {
        try await database.installation(as: .job(.signIn)).read { view in
            guard let account = try Self.account(address, in: view),
                let credential = try view.find(Credential.self, account.id.retyped())?.record
            else { return nil }
            return (account, credential, marks.mark(of: credential, in: view))
        }
    }

    static func account(_ address: String, in view: ReadView) throws -> Account? {
        let index = view.blindIndex(Account.table, "email", of: address)
        return try view.list(Account.self, Query("email_index = ?", [.blob(index)], limit: 1)).first?.record
    }

    // MARK: - Changing it

    /// Whether a new password asks for the one of now (ASVS 5.0 6.2.3). Whoever came in without it, with something else that
    /// is theirs alone, may have forgotten it.
    public func asksCurrentPassword(_ signedIn: SignedIn) async throws -> Bool {
        let shown = signedIn.session.means
        guard shown.contains(.password) || shown.isDisjoint(with: [.passkey, .recoveryCode]) else { return false }
        return try await means(of: signedIn.account.id).hasPassword
    }

    /// Changes a person's own password and ends their other sessions.
    ///
    /// - Parameters:
    ///   - current: The password of now, where it is asked for: see ``asksCurrentPassword(_:)``.
    ///   - network: Where the attempt comes from, for throttling only.
    /// - Throws: `Problem` at the field that will not do.
    public func changePassword(
        of signedIn: SignedIn, to password: String, current: String = "", network: String
    ) async throws {
        try demandFresh(signedIn)
        let address = try Account.normalised(email: signedIn.account.email)
        let plain = try newPassword(
            password, address: address, name: signedIn.account.name, in: signedIn.tenant)
        let encoded = try await hasher.admitting(HashingThreads.Applicant(network: network, isKnown: true)) {
            if try await asksCurrentPassword(signedIn) {
                let refusal = Problem(
                    .unauthenticated, code: "account.current-password", "That is not your current password.",
                    hint:
                        "If you have forgotten it, sign in with a passkey or a recovery code, and set a new one then.",
                    place: Problem.Place(field: "current"))
                try await demandPassword(current, of: signedIn, from: network, or: refusal)
            }
            return try await hashed(plain, isKnown: true)
        }
        try await own(signedIn).change("password.changed", on: Self.subject(signedIn)) { change in
            // Comparing and hashing take their time: a session that was ended meanwhile, as by a new password elsewhere, sets none.
            _ = try Self.current(signedIn.session, in: change)
            let credential = Credential(
                id: signedIn.account.id.retyped(), encoded: encoded, setAt: change.now,
                vouchedBy: signedIn.session.vouchedBy)
            if let stored = try change.view.find(Credential.self, credential.id) {
                try Self.demandNoLess(stored.record.vouchedBy, signedIn)
                try change.update(stored, to: credential)
            } else {
                try change.insert(credential)
            }
            try Self.notify(signedIn.account.id, "Your password was changed.", in: change)
            try Self.endSessions(of: signedIn.account.id, but: signedIn.session.id, in: change)
        }
        // Guesses at the old one are none at the new one.
        try await throttle.forget(address)
    }

    /// What opens more than a session does is not replaced or removed in it: what came instead would be worth less.
    static func demandNoLess(_ vouchedBy: Vouching, _ signedIn: SignedIn) throws {
        guard !vouchedBy.isWithin(signedIn.session.vouchedBy) else { return }
        throw Problem(
            .forbidden, code: "session.worth-less",
            "This session opens \(signedIn.tenant.name) only, and that opens more.",
            hint: "Sign in with a means of your own first, such as a passkey or the password.")
    }
}
