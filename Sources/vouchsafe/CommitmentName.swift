import App
import Flows
import Identity
import Kernel
import Store
import Wire

/// A commitment as people name it on the command line.
enum CommitmentName {
    /// Finds the commitment that `text` means: `POLICY/ID`, or an id that only one policy has.
    ///
    /// - Throws: `Problem` `commitment.not-found` or `commitment.which`.
    static func find(
        _ text: String, in installation: Installation, _ tenant: Tenant
    ) async throws -> (policy: String, id: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2 { return (parts[0], parts[1]) }
        let register = try await installation.rooms.status(of: tenant.id, as: .operator).commitments
        let found = register.filter { $0.id == text }
        guard let first = found.first else {
            throw Problem(
                .notFound, code: "commitment.not-found", "There is no commitment \(text).",
                hint: "`vouchsafe status` lists them all.")
        }
        guard found.count == 1 else {
            throw Problem(
                .invalid, code: "commitment.which", "Several policies have a commitment \(text).",
                hint: "Say which: \(found.map { "\($0.policy)/\($0.id)" }.joined(separator: ", ")).")
        }
        return (first.policy, first.id)
    }
}
