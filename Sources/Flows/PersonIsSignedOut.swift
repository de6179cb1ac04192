import Identity
import Kernel

extension Rooms {
    /// Ends every session of a person in the caller's organisation; they stay a member, and their tokens go on working.
    ///
    /// - Returns: How many there were.
    /// - Throws: `Problem` `person.not-found`, or `people.beyond-own-role` for whoever may do less than they.
    @discardableResult
    public func signOut(_ person: String, by caller: Caller) async throws -> Int {
        try await identity.endSessions(of: try personIdentifier(person), by: caller)
    }
}
