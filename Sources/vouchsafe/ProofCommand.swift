import App
import ArgumentParser
import Flows
import Foundation
import Identity
import Kernel

/// Writes the proof of a commitment's verdict.
struct ProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "Write the proof file of a commitment's verdict to standard output.",
        discussion: "Anyone can check it offline with: vouchsafe verify FILE --key VKEY")

    @Argument(help: "The commitment: its id, or POLICY/ID.")
    var commitment: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let proof = try await options.withOrganisation { installation, tenant in
            let named = try await CommitmentName.find(commitment, in: installation, tenant)
            // What was never stated, or changed since, is stated now; otherwise the newest statement stands.
            try await installation.rooms.publishChanges(for: tenant.id)
            return try await installation.rooms.proof(of: named.policy, named.id, in: tenant.id)
        }
        try FileHandle.standardOutput.write(contentsOf: Data(proof))
    }
}
