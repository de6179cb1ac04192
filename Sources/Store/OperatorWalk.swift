import Kernel
import Ledger

/// What a walk through the operator's log checks beside the tree: that each leaf is an organisation's signed checkpoint,
/// longer than the one before, and that what is kept beside the leaves tells the same.
struct OperatorWalk: Sendable {
    /// A leaf whose signature is still to be checked, because its key is another organisation's.
    private struct Waiting {
        let number: Int64
        let leaf: OperatorLeaf
    }

    private var waiting: [Waiting] = []
    private var sizes: [String: UInt64] = [:]
    private var verifiers: [String: NoteVerifier?] = [:]
    private var expected: [Int64: Place] = [:]

    private struct Place: Equatable {
        let ledger: String
        let size: Int64
    }

    /// Reads a leaf.
    mutating func take(_ leaf: [UInt8], number: Int64, _ findings: inout LedgerFindings) {
        do throws(Problem) {
            let read = try OperatorLeaf(parsing: leaf)
            let checkpoint = read.checkpoint
            if let before = sizes[checkpoint.origin], before >= checkpoint.size {
                findings.report(
                    number, "operator.order",
                    "Leaf \(number) shows \(checkpoint.origin) at \(checkpoint.size) entries, after \(before).")
            }
            sizes[checkpoint.origin] = checkpoint.size
            waiting.append(Waiting(number: number, leaf: read))
            expected[number] = Place(ledger: checkpoint.origin, size: Int64(clamping: checkpoint.size))
        } catch {
            findings.report(number, error.code, "Leaf \(number): \(error.message)")
        }
    }

    /// Compares the leaves `range` with the rows that say where they stand.
    mutating func comparePlaces(
        _ range: Range<Int64>, in session: any SQLSession, _ findings: inout LedgerFindings
    ) throws {
        var found: [(number: Int64, place: Place)] = []
        // The last stretch is empty and takes in every row that claims a leaf outside the log.
        let (condition, arguments): (String, [SQLValue]) =
            range.isEmpty
            ? ("(number < 0 OR number >= ?)", [.integer(range.upperBound)])
            : ("number >= ? AND number < ?", [.integer(range.lowerBound), .integer(range.upperBound)])
        try session.rows(
            "SELECT number, ledger, size FROM operator_leaf WHERE organisation = ? AND \(condition)",
            [.blob(Identifier<Organisation>.operatorLog.bytes)] + arguments
        ) { row in
            let ledger = Identifier<Organisation>(bytes: row.blob(1)).map { "vouchsafe/\($0)" } ?? ""
            found.append((row.integer(0), Place(ledger: ledger, size: row.integer(2))))
        }
        for (number, place) in found where expected.removeValue(forKey: number) != place {
            findings.report(number, "operator.place", "What is kept of leaf \(number) is not what the leaf says.")
        }
        for number in expected.keys {
            findings.report(number, "operator.place", "Where leaf \(number) stands is not kept.")
        }
        expected = [:]
    }

    // MARK: - Signatures

    /// The ledgers whose keys are still to be looked up.
    var unknownOrigins: Set<String> {
        Set(waiting.lazy.map(\.leaf.checkpoint.origin)).filter { verifiers[$0] == nil }
    }

    /// Takes in a ledger's key, or that there is no such ledger.
    mutating func learn(_ origin: String, _ verifier: NoteVerifier?) {
        verifiers.updateValue(verifier, forKey: origin)
    }

    /// Checks the signature of every leaf that was read.
    mutating func checkSignatures(_ findings: inout LedgerFindings) {
        for next in waiting {
            let origin = next.leaf.checkpoint.origin
            guard let verifier = verifiers[origin] ?? nil else {
                findings.report(
                    next.number, "operator.unknown-ledger", "Leaf \(next.number) is of \(origin), which is not here.")
                continue
            }
            do throws(Problem) {
                _ = try Checkpoint(opening: next.leaf.note, with: verifier)
            } catch {
                findings.report(next.number, "operator.leaf", "Leaf \(next.number) does not verify: \(error.message)")
            }
        }
        waiting = []
    }

    /// Checks every stored cosignature against the checkpoint that it claims to be over.
    func checkCosignatures(
        in session: any SQLSession, by verifier: NoteVerifier, _ findings: inout LedgerFindings
    ) throws {
        let rows = LedgerRows(session: session, organisation: .operatorLog)
        for row in try OperatorRows(session: session).cosigned() {
            do {
                try Self.check(row, over: try rows.checkpoint(at: UInt64(clamping: row.size)), by: verifier)
            } catch {
                let problem = error as? Problem
                findings.report(
                    row.size, "operator.cosignature",
                    "A cosignature for \(row.size) leaves does not hold: \(problem?.message ?? "it cannot be read.")")
            }
        }
    }

    private static func check(
        _ row: OperatorRows.Cosigned, over bare: [UInt8]?, by verifier: NoteVerifier
    ) throws(Problem) {
        let note = try SignedNote(parsing: row.note)
        let checkpoint = try Checkpoint(opening: note, with: verifier)
        guard let bare, checkpoint.size == UInt64(clamping: row.size), try SignedNote(parsing: bare).text == note.text
        else { throw mismatch("There is no such checkpoint.") }
        let others = note.signatures.filter { $0.keyID != verifier.keyID || $0.name != verifier.name }
        guard others.count == 1 else { throw mismatch("It carries \(others.count) cosignatures where one belongs.") }
        let witness = try CosignatureVerifier(name: others[0].name, publicKey: row.witness)
        guard try note.cosignatures(of: [witness]).count == 1 else { throw mismatch("It is not of its witness.") }
    }

    private static func mismatch(_ message: String) -> Problem {
        Problem(.refused, code: "operator.cosignature", message)
    }
}
