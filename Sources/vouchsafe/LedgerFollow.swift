import App
import ArgumentParser
import Foundation
import Kernel
import Ledger

/// Follows somebody's ledger from outside.
struct LedgerFollow: AsyncParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Follow a ledger from outside: download what is new, recompute it, hold it to what it signed.",
        discussion: """
            Ends with 0 if the ledger continues what was followed before, with 1 if it was rolled back, forked, cut off \
            or edited (both checkpoints are then kept beside the state), and with 3 if it cannot be reached or too few \
            witnesses vouch.
            With --operator-log, every checkpoint of it in the operator's log of the same server must be one of the history \
            that is shown here: two histories for two readers then need two operator's logs, which witnesses refuse.
            For example: vouchsafe ledger follow https://vouchsafe.example/ledger/NAME --key VKEY --state name.follow
            """)

    @Argument(help: ArgumentHelp("What stands before /checkpoint.", valueName: "url"))
    var address: String

    @Option(help: ArgumentHelp("The ledger's key, from a place you trust.", valueName: "vkey"))
    var key: String

    @Option(help: ArgumentHelp("The file that keeps how far it was followed.", valueName: "file"))
    var state: String

    @Option(
        help: ArgumentHelp(
            "The key of the server's operator's log, to compare the ledger with it as well.", valueName: "vkey"))
    var operatorLog: String?

    @OptionGroup var witnesses: WitnessOptions

    @Option(help: ArgumentHelp("Certificates to trust instead of the system's, in PEM.", valueName: "file"))
    var ca: String?

    @Option(help: ArgumentHelp("Look again after this many seconds, until something is refused.", valueName: "seconds"))
    var every: Int?

    func validate() throws {
        _ = try trust()
        guard every.map({ $0 >= 1 }) ?? true else { throw ValidationError("--every takes at least one second.") }
        guard let url = URL(string: address), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw ValidationError("The address must begin with https:// or http://.")
        }
    }

    private func trust() throws -> FollowerTrust {
        FollowerTrust(
            try verifier(key, "--key"), operatorLog: try operatorLog.map { try verifier($0, "--operator-log") },
            witnesses: try witnesses.witnesses(), quorum: witnesses.required)
    }

    private func verifier(_ key: String, _ option: String) throws -> NoteVerifier {
        do {
            return try NoteVerifier(parsing: key)
        } catch { throw ValidationError("\(option): \(error.message)") }
    }

    func run() async throws {
        let following = try LedgerFollowing(address, trust: try trust(), state: state, authorities: ca)
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

    private func show(_ report: LedgerFollowing.Report) {
        let ledger = report.ledger
        Output.line(
            "Consistent: \(ledger.checkpoint.origin) has \(ledger.checkpoint.size) entries, \(ledger.entries.count) of them "
                + "new here (\(ledger.tiles) tiles, \(ledger.bytes) bytes).")
        if let log = report.operatorLog {
            Output.line(
                "  The operator's log has \(log.checkpoint.size) leaves and vouches for "
                    + "\(report.vouchedEntries ?? 0) entries; its checkpoints of the ledger are of this history.")
        }
        for cosignature in report.cosignatures {
            Output.line("  Cosigned by \(cosignature.witness.name) at \(cosignature.time).")
        }
    }

    private func explain(_ refused: LedgerFollowing.Refused) {
        Output.note("error: \(refused.refusal.problem)")
        for file in refused.evidence { Output.note("  kept: \(file)") }
        if refused.evidence.isEmpty { Output.note("  nothing was kept beside the state") }
    }
}
