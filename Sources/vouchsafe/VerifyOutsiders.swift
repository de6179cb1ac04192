import Kernel
import Ledger

/// Checking who outside vouches for a ledger.
extension Verify {
    /// What is told of a witnesses' proof that holds.
    struct OutsidersResult: Encodable {
        struct Witness: Encodable {
            let name, key: String
            let at: Instant
        }

        let origin: String
        let entries: UInt64
        let root, logOrigin: String
        let logSize, leaf: UInt64
        let witnesses: [Witness]
        let quorum: Int
    }

    func verifyOutsiders(_ bytes: [UInt8], _ verifier: NoteVerifier) throws {
        guard at == nil, !requireKept else {
            throw Problem(
                .invalid, code: "verify.no-proof",
                "--at and --require-kept judge a verdict's proof, but this is a witnesses' proof.",
                hint: "Leave them out.", place: Problem.Place(file: file))
        }
        guard let log = try logVerifier() else {
            throw Problem(
                .invalid, code: "verify.log-key", "A witnesses' proof needs the key of the operator's log.",
                hint: "Give it with --log-key, and the witnesses that you trust with --witness.",
                place: Problem.Place(file: file))
        }
        try Input.refuse(bytes, longerThan: OperatorProof.sizeLimit, named: file)
        let shown: OperatorProof.Witnessed
        do {
            shown = try OperatorProof(parsing: bytes).verify(
                organisation: verifier, log: log, witnesses: try witnesses.witnesses(), quorum: witnesses.required)
        } catch let problem as Problem { throw problem.located(in: file) }
        switch format {
        case .json: try Output.json(OutsidersResult(shown, quorum: witnesses.required))
        case .text: show(shown)
        }
    }

    private func show(_ shown: OperatorProof.Witnessed) {
        Output.line("The proof is authentic.")
        Output.line(
            "  \(shown.organisation.origin), \(shown.organisation.size) entries, root \(shown.organisation.root)")
        Output.line(
            "  leaf \(shown.index) of \(shown.operatorLog.origin), signed at \(shown.operatorLog.size) leaves")
        for cosignature in shown.cosignatures {
            Output.line("  cosigned by \(cosignature.witness.name) at \(cosignature.time)")
        }
        guard shown.cosignatures.isEmpty else { return }
        Output.line("  no witness was asked for: this is the operator's word alone; give witnesses with --witness")
    }
}

extension Verify.OutsidersResult {
    init(_ shown: OperatorProof.Witnessed, quorum: Int) {
        self.init(
            origin: shown.organisation.origin, entries: shown.organisation.size,
            root: shown.organisation.root.description, logOrigin: shown.operatorLog.origin,
            logSize: shown.operatorLog.size, leaf: shown.index,
            witnesses: shown.cosignatures.map {
                Witness(name: $0.witness.name, key: $0.witness.text, at: $0.time)
            }, quorum: quorum)
    }
}
