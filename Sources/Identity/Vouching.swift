import Kernel
import Store

/// The organisations that stand for whoever holds a means of signing in; `nil` where nobody needs to, because the person set it
/// up by means that hold everywhere.
///
/// Persons belong to the installation. Without this, whoever may recover accounts in one organisation could come into every
/// other that the person belongs to: a recovery is worth something only where it was made.
typealias Vouching = Set<Identifier<Organisation>>?

extension Vouching {
    /// Whether it opens `organisation`.
    func holds(in organisation: Identifier<Organisation>) -> Bool { map { $0.contains(organisation) } ?? true }

    /// Whether `other` opens everything that this opens.
    func isWithin(_ other: Vouching) -> Bool {
        guard let other else { return true }
        return map { $0.isSubset(of: other) } ?? false
    }

    /// What two means are worth that were shown together.
    func joined(with other: Vouching) -> Vouching {
        guard let self, let other else { return nil }
        return self.union(other)
    }
}

/// What was shown as a second factor, and what it is worth.
struct Shown {
    let means: Means
    let vouchedBy: Vouching

    init(_ means: Means, vouchedBy: Vouching) {
        self.means = means
        self.vouchedBy = vouchedBy
    }
}

extension IdentityDesk {
    /// What a second factor makes of a sign-in under way. Whoever shows a means from before a recovery is the person, and so the
    /// password that they show with it is theirs: from then on it is worth as much. What they did not show stays as it was.
    ///
    /// - Parameter change: The one that ends the sign-in under way: as long as that is there, the password is the one shown.
    static func together(_ pending: PendingSignIn, _ shown: Shown, in change: Change) throws -> Shown {
        // A factor that another organisation's helper may have added is not taken for one of the person's own.
        let isEnough =
            try pending.vouchedBy.isWithin(shown.vouchedBy)
            || !hasFactor(beyond: shown.vouchedBy, pending.person, in: change.view)
        let together = Shown(
            shown.means, vouchedBy: isEnough ? pending.vouchedBy.joined(with: shown.vouchedBy) : shown.vouchedBy)
        guard isEnough, pending.recovery == nil, pending.shown.contains(.password),
            together.vouchedBy != pending.vouchedBy
        else { return together }
        try write(together.vouchedBy, forPasswordOf: pending.person, in: change)
        return together
    }

    /// Whether a person has a second factor that opens more than `vouchedBy`.
    private static func hasFactor(
        beyond vouchedBy: Vouching, _ person: Identifier<Person>, in view: ReadView
    ) throws -> Bool {
        let factors = try view.find(Factors.self, person.retyped())?.record
        if let factors, factors.app != nil, !factors.appVouchedBy.isWithin(vouchedBy) { return true }
        return try view.list(OwnPasskey.self, Query("person = ?", [.blob(person.bytes)])).contains {
            !$0.record.vouchedBy.isWithin(vouchedBy)
        }
    }

    private static func write(
        _ vouchedBy: Vouching, forPasswordOf person: Identifier<Person>, in change: Change
    ) throws {
        let stored = try change.view.require(Credential.self, person.retyped())
        var credential = stored.record
        credential.vouchedBy = vouchedBy
        try change.update(stored, to: credential)
    }

    /// Lets a means into the organisation that the person has just joined by its own invitation, which vouches for whoever
    /// holds it; the password that was shown is worth that from now on.
    ///
    /// - Parameter vouchedBy: What the means that were shown are worth so far.
    func vouch(
        for person: Identifier<Person>, who vouchedBy: Vouching, in organisation: Identifier<Organisation>
    ) async throws -> Vouching {
        guard let known = vouchedBy, !known.contains(organisation) else { return vouchedBy }
        try await database.installation(as: .person(person)).change("password.vouched", on: "person:\(person)") {
            change in
            // Unless it was recovered meanwhile: then it is not the one that was shown.
            guard let stored = try change.view.find(Credential.self, person.retyped()),
                let now = stored.record.vouchedBy, now.isSubset(of: known)
            else { return }
            try Self.write(now.union([organisation]), forPasswordOf: person, in: change)
        }
        return known.union([organisation])
    }

    /// Ends a sign-in whose second factor was shown, or the recovery that it belongs to.
    func enter(_ pending: PendingSignIn, by shown: Shown) async throws -> (SecretToken, SignedIn) {
        let means = pending.shown.union([shown.means])
        if let recovery = pending.recovery {
            return try await complete(recovery, of: pending.person, by: means, vouchedBy: shown.vouchedBy)
        }
        if let organisation = pending.organisation {
            return try await enterConfined(pending.person, in: organisation, by: means)
        }
        return try await enter(pending.person, by: means, vouchedBy: shown.vouchedBy)
    }
}
