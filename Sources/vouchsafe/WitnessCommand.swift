import App
import ArgumentParser
import Flows
import Kernel
import Ledger
import Store
import Witnesses

/// Witnesses: the ones that this installation asks, and being one for others.
struct WitnessCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "witness", "Ask outsiders to witness the ledger, or be a witness for others.",
        discussion: """
            A ledger alone cannot stop its own operator from rewriting all of it. A witness is a small process on someone \
            else's machine: it remembers the newest tree that it saw and cosigns only what continues it.
            """,
        listing: [WitnessAdd.self, WitnessList.self, WitnessRemove.self, WitnessServe.self, WitnessKey.self])
}

/// Has a witness asked from now on.
struct WitnessAdd: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Have a running server ask this witness to cosign the operator's log.",
        discussion: """
            The witness must know the log too: give its operator the key that `vouchsafe ledger key --operator-log` shows.
            """)

    @Argument(help: "Where the witness is asked, such as https://witness.example.")
    var address: String

    @Argument(help: ArgumentHelp("The witness's key, as its operator publishes it.", valueName: "vkey"))
    var key: String

    @Option(
        help: ArgumentHelp(
            "The certificates to trust when it is asked, in PEM, instead of the system's: for one of its own making.",
            valueName: "file"))
    var ca: String?

    @OptionGroup var place: DataPlace

    func validate() throws {
        do {
            _ = try CosignatureVerifier(parsing: key)
        } catch { throw ValidationError("\(error.message) \(error.hint ?? "")") }
    }

    func run() async throws {
        let certificates = try ca.map { try TrustedCertificates(reading: $0).pem }
        try await withInstallation(place) { installation in
            let witness = try await installation.rooms.witnesses.add(
                address, key: key, certificates: certificates, as: .operator)
            Output.line("\(try witness.verifier().name) is asked from now on, at \(witness.address).")
            Output.line("It must look after this log:")
            Output.line("  \(try await installation.database.operatorLog.ledger.verifier().text)")
        }
    }
}

/// Lists the witnesses that are asked.
struct WitnessList: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the witnesses that are asked, and what they hold.")

    @OptionGroup var place: DataPlace

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct Line: Encodable {
        let name, address, key, state: String
        let logSize: UInt64?
        let cosignedAt: Instant?
    }

    func run() async throws {
        let lines = try await withInstallation(place) { installation in
            let witnesses = try await installation.rooms.witnesses.witnesses(as: .operator)
            let verifiers = try witnesses.map { try $0.verifier() }
            let log = installation.database.operatorLog
            let extents = try await log.extents(of: verifiers)
            let standings = try await log.standings(of: verifiers)
            return zip(witnesses, zip(verifiers, standings)).map { witness, rest in
                let extent = extents.first { $0.cosignature.witness == rest.0 }
                return Line(
                    name: rest.0.name, address: witness.address, key: witness.key, state: Self.word(rest.1?.outcome),
                    logSize: extent?.logSize, cosignedAt: extent?.cosignature.time)
            }
        }
        switch format {
        case .json: try Output.json(lines)
        case .text:
            guard !lines.isEmpty else {
                Output.line("No witness is asked. Nobody outside holds this history.")
                return
            }
            var table = TextTable("STATE", "LOG SIZE", "COSIGNED", "NAME", "ADDRESS")
            for line in lines {
                table.add(
                    line.state, line.logSize.map { "\($0)" } ?? "-", line.cosignedAt?.description ?? "-", line.name,
                    line.address)
            }
            for line in table.lines { Output.line(line) }
        }
        if lines.contains(where: { $0.state == Self.word(.contradicts) }) { throw ExitStatus.broken }
    }

    private static func word(_ outcome: WitnessOutcome?) -> String {
        switch outcome {
        case nil: "not asked yet"
        case .cosigned: "cosigns"
        case .unreachable: "unreachable"
        case .refused: "refuses"
        case .contradicts: "CLAIMS ANOTHER HISTORY"
        }
    }
}

/// Stops asking a witness.
struct WitnessRemove: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Stop asking a witness, and forget what it cosigned.")

    @Argument(help: "The witness's name, as `vouchsafe witness list` shows it.")
    var name: String

    @OptionGroup var place: DataPlace

    func run() async throws {
        try await withInstallation(place) { installation in
            try await installation.rooms.witnesses.remove(name, as: .operator)
        }
        Output.line("\(name) is no longer asked.")
    }
}
