import ArgumentParser
import Foundation
import Kernel

/// The one program: server, command line and agent.
@main
struct Vouchsafe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "vouchsafe", "The security policy that proves itself.",
        discussion: """
            Vouchsafe takes a published security policy apart into commitments, checks each of them on the company's own \
            systems, records the evidence in a ledger that nobody can quietly change, and publishes every verdict with a \
            proof that anyone can verify offline.

            Start with: vouchsafe init --data DIR --organisation NAME --pack FILE
            then:       vouchsafe serve --data DIR

            EXIT CODES
              0  all is well
              1  something is broken or refused: a failed check, a broken commitment, a proof that does not hold
              2  wrong use: an unknown option, a missing argument, a name that is not there
              3  could not be done: an unreadable file, a port in use, a full disk
            """,
        version: Self.version,
        listing: [
            Init.self, Serve.self, Status.self, ScanCommand.self, SitesCommand.self, LogsCommand.self,
            AlertsCommand.self, CheckCommand.self,
            PolicyCommand.self,
            ExceptionCommand.self,
            ProofCommand.self, Verify.self, Export.self, LedgerCommand.self, WitnessCommand.self, DatabaseCommand.self,
            KeysCommand.self, PeopleCommand.self, RolesCommand.self, IdentityProviderCommand.self, TokensCommand.self,
            ServiceAccountsCommand.self, Detect.self, RulesCommand.self, Erase.self, BackupCommand.self, Restore.self,
            Migrate.self,
        ])

    static let version = "0.1.0"

    /// Runs the command that the arguments name and ends with one of the four exit codes.
    static func main() async {
        ProcessCare.begin()
        // Swift reads them from /proc. Without it `verify` would seem to have been asked for help, and end well.
        guard CommandLine.arguments.first?.isEmpty == false else {
            Output.note("error: The arguments cannot be read.\n  Mount /proc: they are read from there.")
            Foundation.exit(ExitStatus.notDone.rawValue)
        }
        var status: ExitStatus
        do {
            status = await outcome(of: try parseAsRoot())
        } catch {
            status = explain(error)
        }
        if let lost = Output.whatWasLost {
            Output.note("error: \(lost)")
            status = .notDone
        }
        Foundation.exit(status.rawValue)
    }

    private static func outcome(of command: any ParsableCommand) async -> ExitStatus {
        var command = command
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .well
        } catch let status as ExitStatus {
            return status
        } catch let problem as Problem {
            Output.note("error: \(problem)")
            // The operator's own terminal is where the log would be.
            if problem.kind == .unavailable, let cause = problem.cause { Output.note("  (\(cause))") }
            return ExitStatus(problem)
        } catch {
            // Help is asked for by an error too: `vouchsafe` alone, `vouchsafe policy`.
            if error is ValidationError || exitCode(for: error) == .success { return explain(error) }
            Output.note("error: \(error)")
            return .notDone
        }
    }

    /// Shows the help that was asked for, or what is wrong with the arguments.
    private static func explain(_ error: any Error) -> ExitStatus {
        let message = fullMessage(for: error)
        guard exitCode(for: error) != .success else {
            Output.line(message)
            return .well
        }
        Output.note(message.hasPrefix("Error: ") ? "error: " + message.dropFirst("Error: ".count) : message)
        return .wrongUse
    }
}
