import Store

extension Job {
    /// Asks the witnesses to cosign.
    public static let witnesses = Job("witnesses", in: .everywhere)
}
