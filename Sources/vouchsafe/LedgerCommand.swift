import App
import ArgumentParser
import Identity
import Kernel
import Ledger
import Store

/// Working with the ledger.
struct LedgerCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "ledger", "Verify the ledger, show its key, or follow someone else's.",
        listing: [LedgerVerify.self, LedgerKey.self, LedgerFollow.self])
}

/// Walks the whole ledger.
struct LedgerVerify: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Walk every entry, row and signed checkpoint, and name what does not fit.",
        discussion: """
            Walks the organisation's ledger, the installation's own and the operator's log. It finds what was changed, removed, added or rolled \
            back. It cannot find a ledger that its operator rewrote from the start with the signing key: for that, compare \
            a checkpoint that someone else holds.
            """)

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct Result: Encodable {
        let ledger, origin: String
        let entries: UInt64
        let rows, checkpoints: Int
        let root: String
        let problems: [String]
    }

    func run() async throws {
        let results = try await withInstallation(options.place) { installation in
            let tenant = try await installation.organisation(options.slug)
            var results: [Result] = []
            for (scope, name) in [
                (tenant.id, tenant.name), (.installation, "installation"), (.operatorLog, "operator log"),
            ] {
                let ledger = installation.database.ledger(of: scope)
                let walk = try await ledger.verify()
                results.append(
                    Result(
                        ledger: name, origin: try await ledger.verifier().name, entries: walk.entries, rows: walk.rows,
                        checkpoints: walk.checkpoints,
                        root: walk.root.description, problems: walk.problems.map(\.message)))
            }
            return results
        }
        switch format {
        case .json: try Output.json(results)
        case .text:
            for result in results {
                let state = result.problems.isEmpty ? "verifies" : "DOES NOT VERIFY"
                Output.line(
                    "\(result.ledger) \(state): \(result.entries) entries, \(result.rows) rows, \(result.checkpoints) checkpoints"
                )
                Output.line("  \(result.origin), root \(result.root)")
                for problem in result.problems { Output.line("  ✗ \(problem)") }
            }
            if results.contains(where: { !$0.problems.isEmpty }) {
                Output.note("Keep a copy of the data folder as it is, and restore the newest backup that verifies.")
            }
        }
        if results.contains(where: { !$0.problems.isEmpty }) { throw ExitStatus.broken }
    }
}

/// Shows the key that verifies checkpoints and proofs.
struct LedgerKey: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show the key that verifies the ledger's checkpoints and proofs.")

    @OptionGroup var options: DataOptions

    @Flag(help: "Show the key of the operator's log instead, which witnesses cosign.")
    var operatorLog = false

    func run() async throws {
        let key = try await withInstallation(options.place) { installation in
            guard !operatorLog else { return try await installation.database.operatorLog.ledger.verifier().text }
            let tenant = try await installation.organisation(options.slug)
            return try await installation.database.ledger(of: tenant.id).verifier().text
        }
        Output.line(key)
    }
}
