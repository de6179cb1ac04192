import Store

extension Job {
    /// Says whether the database answers.
    static let health = Job("health", in: .installation)
    /// Seals under the newest key what is under an older one.
    static let keys = Job("keys", in: .everywhere, may: ["keys.retired"])
}
