import Foundation
import Kernel
import Store

extension IdentityDesk {
    // MARK: - Starting

    /// Starts the recovery of somebody's account by a link, which is told once and works for a day; earlier links stop working.
    ///
    /// - Parameters:
    ///   - reason: Why, for the ledger.
    ///   - isSecondFactorLost: That their second factors are lost too, on the word of the operator, who has the machine; others
    ///     need a second person for that.
    /// - Throws: `Problem` that says why not, or names the field `reason`.
    public func startRecovery(
        of person: Identifier<Person>, because reason: String, isSecondFactorLost: Bool = false, by caller: Caller
    ) async throws -> (token: SecretToken, recovery: Recovery) {
        let reason = try OneLine.checked(reason, field: "reason", longest: 200)
        let isLost = isSecondFactorLost && caller.principal == .operator
        let token = SecretToken(for: caller.tenant.id, randomness: randomness)
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        let recovery = try await scope.change("recovery.started", on: "person:\(person)") { change in
            try Self.demandRecovery(of: person, by: caller, in: change.view)
            for old in try Self.open(of: person, in: change.view, at: change.now) {
                var ended = old.record
                ended.end(.replaced, at: change.now)
                try change.update(old, to: ended)
            }
            return try change.insert(
                Recovery(
                    id: change.newIdentifier(), person: person, reason: reason, startedBy: caller.principal.actor,
                    startedAt: change.now, expiresAt: change.now + Recovery.lifetime, isSecondFactorLost: isLost,
                    confirmedBy: isLost ? caller.principal.actor : nil, outcome: nil, endedAt: nil,
                    tokenHash: token.hash)
            ).record
        }
        // No word on where or by whom: whoever recovered the account in one organisation reads this too.
        try await database.installation(as: caller.principal).change("recovery.announced", on: "person:\(person)") {
            try Self.notify(
                person,
                "A recovery of your account was started. If you did not ask for it, tell whoever manages people.",
                in: $0)
        }
        return (token, recovery)
    }

    /// Confirms that somebody has lost their second factors too: two people must say so, neither of them the person.
    public func confirmRecovery(of person: Identifier<Person>, by caller: Caller) async throws {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("recovery.confirmed", on: "person:\(person)") { change in
            try Self.demandRecovery(of: person, by: caller, in: change.view)
            guard let stored = try Self.open(of: person, in: change.view, at: change.now).first,
                stored.record.awaitsConfirmation
            else {
                throw Problem(
                    .conflict, code: "recovery.nothing-to-confirm",
                    "No recovery of this person waits for a second person.",
                    hint: "It does once they have said, on the page of their link, that their second factors are lost.")
            }
            guard stored.record.startedBy != caller.principal.actor else {
                throw Problem(
                    .forbidden, code: "recovery.second-person", "You started this recovery.",
                    hint: "Another person who may recover accounts must confirm it.")
            }
            var confirmed = stored.record
            confirmed.confirmedBy = caller.principal.actor
            try change.update(stored, to: confirmed)
        }
    }

    /// Makes the link of a recovery worthless.
    public func withdrawRecovery(of person: Identifier<Person>, by caller: Caller) async throws {
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        try await scope.change("recovery.withdrawn", on: "person:\(person)") { change in
            try Self.demandRecovery(of: person, by: caller, in: change.view)
            guard let stored = try Self.open(of: person, in: change.view, at: change.now).first else {
                throw Problem(.notFound, code: "recovery.none", "No recovery of this person is under way.")
            }
            var ended = stored.record
            ended.end(.withdrawn, at: change.now)
            try change.update(stored, to: ended)
        }
    }

    /// Whether `caller` may help `person` back into their account here: never oneself, and nobody who may do more.
    private static func demandRecovery(
        of person: Identifier<Person>, by caller: Caller, in view: ReadView
    ) throws {
        let authority = try Authority(of: caller, in: view)
        try authority.demand(.recoverPeople)
        guard let stored = try membership(of: person, in: view) else { throw noMember }
        guard caller.principal != .person(person) else {
            throw Problem(
                .forbidden, code: "recovery.own", "Nobody recovers their own account.",
                hint: "Give one of your recovery codes at sign-in, or ask another person who may recover accounts.")
        }
        if let role = try role(stored.record.role, in: view) {
            try authority.demandGrant(of: role.permissions, as: "They may do", field: "reason")
        }
    }

    @Sendable static func withdrawRecoveries(of leaver: Leaver, in change: Change) throws {
        for stored in try open(of: leaver.person, in: change.view, at: change.now) {
            var ended = stored.record
            ended.end(.withdrawn, at: change.now)
            try change.update(stored, to: ended)
        }
    }

    private static func open(
        of person: Identifier<Person>, in view: ReadView, at now: Instant
    ) throws -> [Stored<Recovery>] {
        let query = Query(
            "person = ? AND expires_at > ?", [.blob(person.bytes), .integer(now.milliseconds)],
            order: "expires_at DESC")
        return try view.list(Recovery.self, query).filter { $0.record.outcome == nil }
    }

    // MARK: - Seeing

    /// The recoveries under way in an organisation, by whose account it is.
    func recoveries(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<Person>: RecoveryUnderWay] {
        let now = clock.now()
        return try await database.scope(organisation, as: principal).read { view in
            let open = try view.list(
                Recovery.self,
                Query("expires_at > ?", [.integer(now.milliseconds)], order: "expires_at DESC")
            ).map(\.record).filter { $0.outcome == nil }
            return try Dictionary(open.map { ($0.person, $0) }) { first, _ in first }.mapValues {
                RecoveryUnderWay(recovery: $0, canBeConfirmed: try Self.hasSecondPerson(for: $0, in: view))
            }
        }
    }

    /// Those of `people` whose password does not open `organisation`.
    func recoveredElsewhere(
        _ people: [Identifier<Person>], from organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Set<Identifier<Person>> {
        try await database.installation(as: principal).read { view in
            Set(
                try people.filter { person in
                    let credential = try view.find(Credential.self, person.retyped())?.record
                    return credential.map { !$0.vouchedBy.holds(in: organisation) } ?? false
                })
        }
    }

    /// What a recovery's link offers.
    ///
    /// - Throws: `Problem` of kind `notFound` if it is unknown, used, withdrawn or too old.
    public func recovery(_ token: SecretToken) async throws -> RecoveryOffer {
        let now = clock.now()
        let principal = Principal.job(.recoveries)
        guard let organisation = token.organisation else { throw Self.noRecovery }
        let known = try await database.installation(as: principal).read { try $0.find(Tenant.self, organisation) }
        guard let tenant = known?.record else { throw Self.noRecovery }
        let (recovery, canBeConfirmed) = try await database.scope(organisation, as: principal).read { view in
            let query = Query("token_hash = ?", [.blob(token.hash)], limit: 1)
            let recovery = try Self.worth(try view.list(Recovery.self, query).first, in: view, at: now).record
            return (recovery, try Self.hasSecondPerson(for: recovery, in: view))
        }
        let person = recovery.person
        let (account, credential) = try await database.installation(as: principal).read { view in
            (
                try view.require(Account.self, person).record,
                try view.find(Credential.self, person.retyped())?.record
            )
        }
        return RecoveryOffer(
            tenant: tenant, account: account, recovery: recovery,
            asksSecondFactor: try await ownFactors(of: person).hasSecondFactor,
            mayShowPassword: credential.map { !$0.vouchedBy.holds(in: organisation) } ?? false,
            canBeConfirmed: canBeConfirmed)
    }

    /// The recovery, if it is worth something: under way, and started by somebody who still may.
    private static func worth(
        _ stored: Stored<Recovery>?, in view: ReadView, at now: Instant
    ) throws -> Stored<Recovery> {
        guard let stored, stored.record.outcome == nil, now < stored.record.expiresAt,
            let membership = try membership(of: stored.record.person, in: view)
        else { throw noRecovery }
        let target = try role(membership.record.role, in: view)?.permissions ?? []
        for actor in [stored.record.startedBy, stored.record.confirmedBy].compactMap(\.self) {
            guard let helper = Identifier<Person>(actor: actor) else { continue }
            guard try mayRecover(helper, whoMay: target, in: view) else { throw noRecovery }
        }
        return stored
    }

    private static func mayRecover(
        _ helper: Identifier<Person>, whoMay target: Set<Permission>, in view: ReadView
    ) throws -> Bool {
        guard let membership = try membership(of: helper, in: view),
            let role = try role(membership.record.role, in: view)
        else { return false }
        return role.permissions.contains(.recoverPeople) && target.isSubset(of: role.permissions)
    }

    private static func hasSecondPerson(for recovery: Recovery, in view: ReadView) throws -> Bool {
        let members = try view.list(Membership.self).map(\.record)
        let role = members.first { $0.person == recovery.person }?.role
        let target = try role.flatMap { try self.role($0, in: view)?.permissions } ?? []
        let others = members.map(\.person).filter {
            $0 != recovery.person && Principal.person($0).actor != recovery.startedBy
        }
        return try others.contains { try mayRecover($0, whoMay: target, in: view) }
    }

    private static let noRecovery = Problem(
        .notFound, code: "recovery.link", "This link is not valid, or it has been used.",
        hint: "Ask whoever gave it to you for a new one.")

    // MARK: - What the person does

    /// Says, by the link, that the second factors are lost too; then another person must confirm the recovery.
    public func declareLoss(by token: SecretToken) async throws {
        let offer = try await recovery(token)
        guard offer.asksSecondFactor, !offer.recovery.isSecondFactorLost else { return }
        let scope = database.scope(offer.tenant.id, as: .person(offer.account.id))
        try await scope.change("recovery.second-factor-lost", on: "person:\(offer.account.id)") { change in
            let stored = try Self.worth(
                try change.view.find(Recovery.self, offer.recovery.id), in: change.view, at: change.now)
            var lost = stored.record
            lost.isSecondFactorLost = true
            try change.update(stored, to: lost)
        }
        try await database.installation(as: .person(offer.account.id)).change(
            "recovery.announced", on: "person:\(offer.account.id)"
        ) { change in
            try Self.notify(
                offer.account.id,
                "Whoever has the link of the recovery said that your second factors are lost. If that was not you, tell "
                    + "whoever manages people.", in: change)
        }
    }

    /// Sets a new password by the link; the second factor is asked for as at sign-in, unless it is confirmed to be lost.
    ///
    /// - Parameters:
    ///   - current: The password of now, for whoever has it: the organisations that it opens stay open.
    ///   - network: Where the attempt comes from, for throttling only.
    /// - Throws: `Problem` that names the field `password` or `current`; the link stays good then.
    public func recover(
        with token: SecretToken, password: String, current: String = "", network: String
    ) async throws -> SignInStep {
        try await hasher.admitting(HashingThreads.Applicant(network: network)) {
            let offer = try await recovery(token)
            let account = offer.account
            let address = try Account.normalised(email: account.email)
            let plain = try newPassword(password, address: address, name: account.name, in: offer.tenant)
            let here: Vouching = [offer.tenant.id]
            let shown = try await worth(of: current, for: account, address, network)
            let recovery = PendingRecovery(
                organisation: offer.tenant.id, recovery: offer.recovery.id, encoded: try await hashed(plain))
            let vouchedBy = shown.map { here.joined(with: $0) } ?? here
            // Whoever finds again what they had lost needs nobody else.
            guard offer.asksSecondFactor, offer.recovery.confirmedBy == nil else {
                let begun = try await complete(recovery, of: account.id, by: [.password], vouchedBy: vouchedBy)
                return .done(begun.0, begun.1)
            }
            return .needsSecondFactor(
                try await awaitSecondFactor(
                    of: account.id, after: [.password], vouchedBy: vouchedBy, toComplete: recovery))
        }
    }

    /// What the password of now is worth, if it was given.
    ///
    /// - Returns: `nil` if none was given.
    private func worth(
        of current: String, for account: Account, _ address: String, _ network: String
    ) async throws -> Vouching? {
        guard !current.isEmpty else { return nil }
        let attempt = try await throttle.begin(address, from: .network(network))
        guard let credential = try await credential(of: account.id, ifItIs: current) else {
            throw Problem(
                .invalid, code: "recovery.current", "That is not the password of now.",
                hint: "Leave it out if you do not have it.", place: Problem.Place(field: "current"))
        }
        try await throttle.succeeded(attempt)
        return .some(credential.vouchedBy)
    }

    /// Sets the new password, ends everything that was open, and begins a session in the organisation that made the recovery.
    ///
    /// - Parameter vouchedBy: What was shown is worth: nothing beyond that organisation unless the person has shown something
    ///   from before.
    func complete(
        _ recovery: PendingRecovery, of person: Identifier<Person>, by means: Set<Means>, vouchedBy: Vouching
    ) async throws -> (SecretToken, SignedIn) {
        let principal = Principal.person(person)
        let organisation = recovery.organisation
        let tenant = try await tenant(organisation, as: principal)
        // Used up first, and in one change: one link sets one password, whatever happens afterwards.
        let isConfirmed = try await database.scope(organisation, as: principal).change(
            "recovery.completed", on: "person:\(person)"
        ) { change in
            let stored = try Self.worth(
                try change.view.find(Recovery.self, recovery.recovery), in: change.view, at: change.now)
            guard !stored.record.awaitsConfirmation || means.count > 1 else { throw Self.noRecovery }
            var ended = stored.record
            ended.end(.completed, at: change.now)
            try change.update(stored, to: ended)
            return ended.confirmedBy != nil
        }
        let (account, worth) = try await database.installation(as: principal).change(
            "password.recovered", on: "person:\(person)"
        ) { change in
            let stored = try change.view.find(Credential.self, person.retyped())
            let areLost = try means.count == 1 && Self.means(of: person, in: change.view).hasSecondFactor
            // One that was added while the link was being used.
            guard !areLost || isConfirmed else { throw Self.noRecovery }
            // The word of two helpers stands for what was lost, and theirs is worth something here only, whatever else was shown.
            let worth: Vouching = areLost ? [organisation] : vouchedBy
            let credential = Credential(
                id: person.retyped(), encoded: recovery.encoded, setAt: change.now, vouchedBy: worth)
            if let stored { try change.update(stored, to: credential) } else { try change.insert(credential) }
            try Self.endSessions(of: person, but: nil, in: change)
            if areLost { try Self.removeFactors(of: person, in: change) }
            try Self.endTokens(of: person, vouchedBy: worth, in: change)
            try Self.notify(
                person,
                "Your account was recovered, and has a new password."
                    + (areLost ? " Its second factors were removed." : ""), in: change)
            return (try change.view.require(Account.self, person).record, worth)
        }
        try await throttle.forget(try Account.normalised(email: account.email))
        try await throttle.forget(Self.secondStep(of: person))
        return try await begin(person, in: tenant, by: means, vouchedBy: worth)
    }

    /// What is confirmed to be lost opens nothing any more, the codes that lay beside it neither.
    private static func removeFactors(of person: Identifier<Person>, in change: Change) throws {
        for passkey in try change.view.list(OwnPasskey.self, Query("person = ?", [.blob(person.bytes)])) {
            try change.delete(passkey)
        }
        if let factors = try change.view.find(Factors.self, person.retyped()) { try change.delete(factors) }
    }

    /// Tokens end as far as the recovery is worth something: another organisation's programs are none of its business.
    private static func endTokens(of person: Identifier<Person>, vouchedBy: Vouching, in change: Change) throws {
        let tokens = try change.view.list(AccessToken.self, Query("holder = ?", [.blob(person.bytes)]))
        for token in tokens where vouchedBy.holds(in: token.record.organisation) { try change.delete(token) }
    }
}
