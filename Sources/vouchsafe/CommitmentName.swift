import App
import Commitments
import Flows
import Identity
import Kernel
import Packs
import Store

/// A commitment as people name it on the command line.
enum CommitmentName {
    /// Finds the commitment that `text` means: `POLICY/ID`, or an id that only one policy has.
    ///
    /// - Throws: `Problem` `commitment.not-found` or `commitment.which`.
    static func find(
        _ text: String, in installation: Installation, _ tenant: Tenant
    ) async throws -> (policy: String, id: String) {
        let register = try await installation.rooms.commitments.register(
            of: tenant.id, at: installation.clock.now(), as: .operator)
        let names = register.commitments.map { (policy: $0.policy.id, id: $0.definition.id) }
        let found = names.filter { $0.id == text || "\($0.policy)/\($0.id)" == text }
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
        return first
    }
}
