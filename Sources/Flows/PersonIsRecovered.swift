import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// Starts the recovery of somebody's account.
    ///
    /// - Throws: `Problem` that says why not, or names the field `reason`.
    public func startRecovery(
        of person: String, because reason: String, isSecondFactorLost: Bool = false, by caller: Caller
    ) async throws -> RecoveryMade {
        let id = try personIdentifier(person)
        let (token, recovery) = try await identity.startRecovery(
            of: id, because: reason, isSecondFactorLost: isSecondFactorLost, by: caller)
        let names = try await identity.names(of: [id], as: caller.principal)
        return RecoveryMade(
            name: names[id] ?? person, path: "/recover/\(token.text)", expiresAt: recovery.expiresAt)
    }

    /// Confirms, as a second person, that somebody has lost their second factors too.
    public func confirmRecovery(of person: String, by caller: Caller) async throws {
        try await identity.confirmRecovery(of: try personIdentifier(person), by: caller)
    }

    /// Makes the link of a recovery worthless.
    public func withdrawRecovery(of person: String, by caller: Caller) async throws {
        try await identity.withdrawRecovery(of: try personIdentifier(person), by: caller)
    }
}

extension RecoveryEntry {
    init(_ underWay: RecoveryUnderWay, _ names: ActorNames, readBy reader: Principal) {
        let recovery = underWay.recovery
        self.init(
            reason: recovery.reason, startedBy: names.name(of: recovery.startedBy),
            isByReader: recovery.startedBy == reader.actor, startedAt: recovery.startedAt,
            expiresAt: recovery.expiresAt, awaitsConfirmation: recovery.awaitsConfirmation,
            canBeConfirmed: underWay.canBeConfirmed, confirmedBy: recovery.confirmedBy.map { names.name(of: $0) })
    }
}
