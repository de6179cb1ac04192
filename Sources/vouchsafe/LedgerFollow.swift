import App
import ArgumentParser
import Foundation
import Kernel
import Ledger

/// Follows somebody's ledger from outside.
struct LedgerFollow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Follow a ledger from outside: download what is new, recompute it, hold it to what it signed.",
        discussion: """
            Ends with 0 if the ledger continues what was followed before, with 1 if it was rolled back, forked, cut off \
            or edited (both checkpoints are then kept beside the state), and with 3 if it cannot be reached.
            For example: vouchsafe ledger follow https://vouchsafe.example/ledger/NAME --key VKEY --state name.follow
            """)

    @Argument(help: ArgumentHelp("What stands before /checkpoint.", valueName: "url"))
    var address: String

    @Option(help: ArgumentHelp("The ledger's key, from a place you trust.", valueName: "vkey"))
    var key: String

    @Option(help: ArgumentHelp("The file that keeps how far it was followed.", valueName: "file"))
    var state: String

    @Option(help: ArgumentHelp("Certificates to trust instead of the system's, in PEM.", valueName: "file"))
    var ca: String?

    @Option(help: ArgumentHelp("Look again after this many seconds, until something is refused.", valueName: "seconds"))
    var every: Int?

    func validate() throws {
        _ = try verifier()
        guard every.map({ $0 >= 1 }) ?? true else { throw ValidationError("--every takes at least one second.") }
        guard let url = URL(string: address), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw ValidationError("The address must begin with https:// or http://.")
        }
    }

    private func verifier() throws -> NoteVerifier {
        do {
            return try NoteVerifier(parsing: key)
        } catch { throw ValidationError("--key: \(error.message)") }
    }

    func run() async throws {
        let following = try LedgerFollowing(address, verifier: try verifier(), state: state, authorities: ca)
        do {
            try await follow(following)
            await following.close()
        } catch {
            await following.close()
            throw error
        }
    }

    private func follow(_ following: LedgerFollowing) async throws {
        while true {
            do {
                show(try await following.advance())
            } catch let refused as LedgerFollowing.Refused {
                explain(refused)
                throw ExitStatus.broken
            } catch let problem as Problem where problem.kind == .unavailable && every != nil {
                Output.note("error: \(problem)")
            }
            guard let every else { return }
            try await Task.sleep(for: .seconds(every))
        }
    }

    private func show(_ report: LedgerFollower.Report) {
        let new = report.entries.count
        Output.line(
            "Consistent: \(report.checkpoint.origin) has \(report.checkpoint.size) entries, \(new) of them new here "
                + "(\(report.tiles) tiles, \(report.bytes) bytes).")
    }

    private func explain(_ refused: LedgerFollowing.Refused) {
        Output.note("error: \(refused.refusal.problem)")
        for file in refused.evidence { Output.note("  kept: \(file)") }
    }
}
