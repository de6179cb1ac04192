import Store

extension Job {
    /// Looks up who it is that signs in, before anybody is known.
    static let signIn = Job("sign-in", in: .everywhere)
    /// Looks up whose session a request carries.
    static let session = Job("session", in: .installation)
    /// Looks up whose token a request carries.
    static let token = Job("token", in: .everywhere)
    /// Looks up what a link to join is worth.
    public static let invitations = Job("invitations", in: .everywhere)
    /// Looks up what a link to recover an account is worth.
    static let recoveries = Job("recoveries", in: .everywhere)
    /// Begins the access reviews that are due.
    public static let accessReviews = Job(
        "access-reviews", in: .everywhere, may: ["access-review.started"])
}
