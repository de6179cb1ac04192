import ArgumentParser
import Foundation
import Kernel

/// The one program: server, command line and agent.
@main
struct Vouchsafe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vouchsafe",
        abstract: "The security policy that proves itself.",
        discussion: """
            Vouchsafe takes a published security policy apart into commitments, checks each of them on the company's own \
            systems, records the evidence in a ledger that nobody can quietly change, and publishes every verdict with a \
            proof that anyone can verify offline.

            Start with: vouchsafe init --data DIR --organisation NAME --pack FILE
            then:       vouchsafe serve --data DIR

            EXIT CODES
              0  all is well
              1  something is broken or refused: a failed check, a broken commitment, a proof that does not hold
              2  wrong use: an unknown option, a missing argument
              3  could not be done: an unreadable file, a port in use, a full disk
            """,
        version: Self.version,
        subcommands: [
            Init.self, Serve.self, Status.self, CheckCommand.self, PolicyCommand.self, ExceptionCommand.self,
            ProofCommand.self, Verify.self, LedgerCommand.self,
        ])

    static let version = "0.1.0"

    /// Runs the command that the arguments name and ends with one of the four exit codes.
    static func main() async {
        // A reader that goes away (`vouchsafe status | head`) is no reason to die with a signal.
        signal(SIGPIPE, SIG_IGN)
        var command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            let message = fullMessage(for: error)
            let isHelp = exitCode(for: error) == .success
            Output.write(message + "\n", to: isHelp ? .standardOutput : .standardError)
            Foundation.exit(isHelp ? ExitStatus.well.rawValue : ExitStatus.wrongUse.rawValue)
        }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let status as ExitStatus {
            Foundation.exit(status.rawValue)
        } catch let problem as Problem {
            Output.write("error: \(problem)\n", to: .standardError)
            Foundation.exit(ExitStatus(problem).rawValue)
        } catch {
            if exitCode(for: error) == .success {
                Output.write(fullMessage(for: error) + "\n", to: .standardOutput)
                Foundation.exit(ExitStatus.well.rawValue)
            }
            if error is ValidationError || error is CleanExit {
                Output.write(fullMessage(for: error) + "\n", to: .standardError)
                Foundation.exit(ExitStatus.wrongUse.rawValue)
            }
            Output.write("error: \(error)\n", to: .standardError)
            Foundation.exit(ExitStatus.notDone.rawValue)
        }
    }
}

/// How the program ends, for scripts.
enum ExitStatus: Int32, Error {
    case well = 0
    case broken = 1
    case wrongUse = 2
    case notDone = 3

    init(_ problem: Problem) {
        self = problem.kind == .unavailable ? .notDone : .broken
    }
}
