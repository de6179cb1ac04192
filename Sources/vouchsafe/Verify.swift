import ArgumentParser
import Kernel
import Ledger

/// Checks a proof or an export offline.
struct Verify: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        abstract: "Check a proof or an auditor's export offline, with nothing but public keys.",
        discussion: """
            Ends with 0 if the proof is authentic, whatever its verdict, and with 1 if anything in it does not hold. \
            With --require-kept it ends with 1 as well unless the commitment is kept at this moment. An export ends with 0 \
            if every row and entry of it leads to the signed ledger. A witnesses' proof, NAME-outsiders.proof or \
            /operator-log/proofs/NAME of a server, needs --log-key too, and ends with 0 if as many of the witnesses given \
            vouch as must.
            """)

    @Argument(help: "The proof or export; - for standard input.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "The ledger's verification key, from a place you trust; `vouchsafe ledger key` shows it there.",
            valueName: "vkey"))
    var key: String

    @Option(
        help: ArgumentHelp(
            "Judge as if it were this moment, such as 2026-03-01 or 2026-03-01T09:30Z.", valueName: "time"))
    var at: Moment?

    @Option(
        help: ArgumentHelp(
            "Of a witnesses' proof: the key of the operator's log; `vouchsafe ledger key --operator-log` shows it there.",
            valueName: "vkey"))
    var logKey: String?

    @OptionGroup var witnesses: WitnessOptions

    @Flag(help: "Also end with 1 unless the commitment is kept.")
    var requireKept = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    struct Result: Encodable {
        let policy, commitment, summary, verdict, words: String
        let isCurrent: Bool
        let asOf: Instant
        let validUntil: Instant?
        let origin: String
        let entry: UInt64
        let notes: [String]
    }

    func validate() throws {
        _ = try verifier()
        _ = try logVerifier()
    }

    func logVerifier() throws -> NoteVerifier? {
        do {
            return try logKey.map { try NoteVerifier(parsing: $0) }
        } catch let problem as Problem { throw ValidationError("--log-key: \(problem.message)") }
    }

    private func verifier() throws -> NoteVerifier {
        do {
            return try NoteVerifier(parsing: key)
        } catch {
            throw ValidationError(
                "--key: \(error.message) It looks like vouchsafe/ORGANISATION+1a2b3c4d+A…; `vouchsafe ledger key` shows it."
            )
        }
    }

    func run() throws {
        let verifier = try verifier()
        let input = try InputFile(file)
        let bytes = try input.read(upTo: VerdictProof.sizeLimit + 1)
        if OperatorProof.begins(bytes) {
            try verifyOutsiders(bytes, verifier)
            return
        }
        guard logKey == nil, !witnesses.isGiven else {
            throw Problem(
                .invalid, code: "verify.no-witnesses",
                "--log-key, --witness and --quorum judge a witnesses' proof, which this is not.",
                hint: "Leave them out, or give the file that a server has at /operator-log/proofs/NAME.",
                place: Problem.Place(file: file))
        }
        if ExportFormat.begins(bytes) {
            let verified = try verifyExport(bytes, input, verifier)
            switch format {
            case .json: try Output.json(ExportResult(verified))
            case .text: show(verified)
            }
            return
        }
        try Input.refuse(bytes, longerThan: VerdictProof.sizeLimit, named: file)
        let verified: VerifiedStatement
        do {
            verified = try VerdictProof.verify(bytes, by: verifier, at: at?.instant ?? WallClock.system.now())
        } catch {
            throw error.located(in: file)
        }
        switch format {
        case .json: try Output.json(Result(verified))
        case .text: show(verified)
        }
        if requireKept, !(verified.isCurrent && verified.statement.verdict == "kept") { throw ExitStatus.broken }
    }

    private func show(_ verified: VerifiedStatement) {
        let statement = verified.statement
        Output.line("The proof is authentic.")
        Output.line("  \(statement.summary)")
        Output.line("  \(statement.policy)/\(statement.commitment): \(verified.words)")
        if let reason = statement.reason { Output.line("  \(reason)") }
        Output.line(
            "  entry \(verified.index) of \(verified.checkpoint.origin), signed at \(verified.checkpoint.size) entries")
        for note in verified.notes { Output.line("  note: \(note)") }
    }
}

extension Verify.Result {
    init(_ verified: VerifiedStatement) {
        self.init(
            policy: verified.statement.policy, commitment: verified.statement.commitment,
            summary: verified.statement.summary, verdict: verified.statement.verdict, words: verified.words,
            isCurrent: verified.isCurrent, asOf: verified.statement.asOf, validUntil: verified.statement.validUntil,
            origin: verified.checkpoint.origin, entry: verified.index, notes: verified.notes)
    }
}
