import Store

extension Job {
    /// Publishes verdicts.
    public static let publish = Job("publish", in: .everywhere, may: ["verdicts.published"])
}
