import ArgumentParser
import Kernel
import Ledger

/// The witnesses whose word counts, and how many must give it.
struct WitnessOptions: ParsableArguments {
    @Option(
        name: .customLong("witness"),
        help: ArgumentHelp("The key of a witness that you trust; may be given several times.", valueName: "vkey"))
    var witnessKeys: [String] = []

    @Option(help: "How many of these witnesses must vouch; all of them by default.")
    var quorum: Int?

    func validate() throws {
        let witnesses = try witnesses()
        guard Set(witnesses.map(\.publicKey)).count == witnesses.count else {
            throw ValidationError("--witness: one key is one witness, and was given twice.")
        }
        guard (0...witnesses.count).contains(required) else {
            throw ValidationError("--quorum: \(required) of \(witnesses.count) witnesses cannot vouch.")
        }
    }

    /// The witnesses.
    func witnesses() throws -> [CosignatureVerifier] {
        try witnessKeys.map { key throws(ValidationError) in
            do throws(Problem) {
                return try CosignatureVerifier(parsing: key)
            } catch { throw ValidationError("--witness: \(error.message)") }
        }
    }

    /// How many must vouch.
    var required: Int { quorum ?? witnessKeys.count }

    /// Whether anything was said of witnesses.
    var isGiven: Bool { !witnessKeys.isEmpty || quorum != nil }
}
