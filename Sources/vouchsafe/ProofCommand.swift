import App
import ArgumentParser
import Flows
import Identity
import Kernel

/// Writes the proof of a commitment's verdict.
struct ProofCommand: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readCommitments
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "Write the proof file of a commitment's verdict to standard output.",
        discussion: """
            For example: vouchsafe proof disk-encryption --data DIR > disk-encryption.proof
            Anyone can check it offline with: vouchsafe verify FILE --key VKEY, where VKEY is what \
            `vouchsafe ledger key` shows.
            """)

    @Argument(help: "The commitment: its id, or POLICY/ID.")
    var commitment: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let proof = try await withOrganisation(options) { installation, tenant in
            let named = try await CommitmentName.find(commitment, in: installation, tenant)
            // What was never stated, or changed since, is stated now; otherwise the newest statement stands.
            try await installation.rooms.publishChanges(for: tenant.id)
            return try await installation.rooms.proof(of: named.policy, named.id, in: tenant.id)
        }
        Output.write(proof)
    }
}
