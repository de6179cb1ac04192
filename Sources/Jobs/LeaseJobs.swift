import Store

extension Job {
    /// Divides the recurring work among the servers.
    static let schedule = Job("schedule", in: .everywhere)
    /// Decides which server signs for an organisation.
    static let signing = Job("signing", in: .everywhere)
}
