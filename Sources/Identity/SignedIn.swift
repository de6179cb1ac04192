import Kernel

/// Who is asking: a signed-in person in one organisation, with what their role permits.
public struct SignedIn: Sendable {
    /// The person's account.
    public let account: Account
    /// The organisation they are signed in to.
    public let tenant: Tenant
    /// The session by which they are known.
    public let session: Session
    /// What their role permits there; only what is about their own account while ``lacks`` says something.
    public let permissions: Set<Permission>
    /// What the organisation demands and they have not shown yet.
    public let lacks: SignInDemand?

    /// Passes for a quarter of an hour after the person showed who they are.
    ///
    /// - Throws: `Problem` `session.confirm` if that was too long ago for something dangerous.
    public func demandFresh(at now: Instant) throws {
        guard now < session.confirmedAt + Session.confirmed else {
            throw Problem(
                .forbidden, code: "session.confirm", "This needs to be confirmed.",
                hint: "Give your password, or a code, once more.")
        }
    }
}
