import App
import ArgumentParser
import Foundation
import Kernel
import Ledger
import Logging

/// Is a witness.
struct WitnessServe: AsyncParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Be a witness: remember other people's logs, and cosign what continues them.",
        discussion: """
            Belongs on another machine than the log's. Needs no database: its key and its memory are small files in \
            --state. The first start makes the key. Plain HTTP on loopback, for a proxy in front, unless a certificate \
            is given.
            """)

    @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port"))
    var listen = "localhost:8444"

    @Option(help: ArgumentHelp("The folder that holds its key and its memory.", valueName: "dir"))
    var state: String

    @Option(
        help: ArgumentHelp(
            "The key of a log to look after; may be given several times, also for the old and the new key of one log.",
            valueName: "vkey"))
    var log: [String] = []

    @Option(
        help: ArgumentHelp(
            "What it calls itself when its key is made, such as witness.example/one; the machine's name by default.",
            valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("The certificate chain in PEM; read again when it changes.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key in PEM.", valueName: "file"))
    var certificateKey: String?

    func validate() throws {
        let (host, _) = try ListenAddress.parts(of: listen)
        guard (certificate == nil) == (certificateKey == nil) else {
            throw ValidationError("Give --certificate and --certificate-key together.")
        }
        guard certificate != nil || ["localhost", "127.0.0.1", "::1"].contains(host) else {
            throw ValidationError("Beyond this machine it serves HTTPS only: give --certificate and --certificate-key.")
        }
        guard !log.isEmpty else {
            throw ValidationError(
                "Give --log VKEY, which the log's operator gets from `vouchsafe ledger key --operator-log`.")
        }
        for key in log { try check(key) }
    }

    private func check(_ key: String) throws {
        do {
            _ = try NoteVerifier(parsing: key)
        } catch { throw ValidationError("--log: \(error.message)") }
    }

    func run() async throws {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .warning
            return handler
        }
        let (host, port) = try ListenAddress.parts(of: listen)
        let files = certificate.flatMap { certificate in
            certificateKey.map { CertificateFiles(certificate: certificate, key: $0) }
        }
        let kept = try WitnessState(folder: state, name: name ?? "\(ProcessInfo.processInfo.hostName)/witness")
        let logs = WitnessedLog.logs(of: try log.map { try NoteVerifier(parsing: $0) })
        for problem in kept.problems(of: logs) { Output.note("error: \(problem)") }
        let server = WitnessServer(kept, logs: logs, logger: Logger(label: "vouchsafe.witness"))
        let key = kept.cosigner.verifier.text
        try await server.run(host: host, port: port, certificate: files) { address in
            Output.line("The witness listens on \(address)")
            Output.line("Its key: \(key)")
            Output.line("Have it asked: vouchsafe witness add \(address) '\(key)' --data DIR")
        }
    }
}

/// Shows a witness's key.
struct WitnessKey: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show the public key of the witness whose state is in a folder.")

    @Option(help: ArgumentHelp("The folder that holds its key and its memory.", valueName: "dir"))
    var state: String

    func run() throws { Output.line(try WitnessState.verifier(in: state).text) }
}
