import Kernel
import Store

extension IdentityDesk {
    /// What stands in a log for a network and for an e-mail address that was tried: always the same for the same, and nothing
    /// from which either could be guessed without this installation's key.
    ///
    /// - Returns: `nil` for what is no address.
    public func marksForTheLog(
        network: String, address: String?
    ) async throws -> (network: String, address: String?) {
        let address = address.flatMap { try? Account.normalised(email: $0) }
        return try await database.installation(as: .job(.signIn)).read { view in
            func mark(_ text: String) -> String {
                view.blindIndex(Account.table, "log", of: text).prefix(6).hex
            }
            return (mark("network \(network)"), address.map { mark("address \($0)") })
        }
    }
}
