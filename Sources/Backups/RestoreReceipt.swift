import Foundation
import Kernel
import Ledger
import Store

/// What somebody states who restored a backup elsewhere and verified everything in it: the text of a signed note.
///
/// ```
/// vouchsafe/restore-receipt@v1
/// backup SHA-256
/// size BYTES
/// made TIME
/// rows COUNT
/// ledger SCOPE ENTRIES ROOT        one line for each ledger
/// verified TIME
/// ```
public struct RestoreReceipt: Hashable, Sendable {
    /// The SHA-256 of the backup's file, in hexadecimal digits.
    public let sha256: String
    /// The size of the backup's file in bytes.
    public let size: UInt64
    /// The moment whose state is in it.
    public let madeAt: Instant
    /// How many rows were restored.
    public let rows: Int
    /// The ledgers that were verified.
    public let ledgers: [Backup.Ledger]
    /// When that was, by the verifier's clock.
    public let verifiedAt: Instant

    private static let firstLine = "vouchsafe/restore-receipt@v1"
    /// The most bytes of a receipt that are read.
    public static let sizeLimit = SignedNote.sizeLimit

    /// A receipt to be signed.
    public init(
        sha256: String, size: UInt64, madeAt: Instant, rows: Int, ledgers: [Backup.Ledger], verifiedAt: Instant
    ) {
        self.sha256 = sha256
        self.size = size
        self.madeAt = madeAt
        self.rows = rows
        self.ledgers = ledgers
        self.verifiedAt = verifiedAt
    }

    /// The text to be signed.
    public var text: String {
        var lines = [Self.firstLine, "backup \(sha256)", "size \(size)", "made \(madeAt)", "rows \(rows)"]
        lines += ledgers.map { "ledger \($0.scope) \($0.entries) \($0.root)" }
        return (lines + ["verified \(verifiedAt)"]).joined(separator: "\n") + "\n"
    }

    /// Reads the text of a receipt; of each receipt there is one spelling only.
    ///
    /// - Throws: `Problem` `receipt.malformed` (refused).
    public init(parsing text: String) throws(Problem) {
        var fields = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }[...]
        func one(_ name: String) throws(Problem) -> String {
            guard let field = fields.popFirst(), field.count == 2, field[0] == name else { throw Self.malformed }
            return field[1]
        }
        guard fields.popFirst() == [Self.firstLine] else { throw Self.malformed }
        sha256 = try one("backup")
        guard let size = UInt64(try one("size")), let madeAt = Instant(try one("made")), let rows = Int(try one("rows"))
        else { throw Self.malformed }
        var ledgers: [Backup.Ledger] = []
        while let field = fields.first, field.count == 4, field[0] == "ledger" {
            guard let scope = Identifier<Organisation>(field[1]), let entries = UInt64(field[2]) else {
                throw Self.malformed
            }
            ledgers.append(Backup.Ledger(scope: scope, entries: entries, root: field[3]))
            fields.removeFirst()
        }
        guard let verifiedAt = Instant(try one("verified")), fields.isEmpty else { throw Self.malformed }
        self.size = size
        self.madeAt = madeAt
        self.rows = rows
        self.ledgers = ledgers
        self.verifiedAt = verifiedAt
        guard self.text == text else { throw Self.malformed }
    }

    private static var malformed: Problem {
        Problem(
            .refused, code: "receipt.malformed", "This is not a receipt in the form \(firstLine).",
            hint: "Give the file that `vouchsafe backup verify` has written, unchanged.")
    }
}

extension NoteSigner {
    /// The form in which the key is kept, that of Go's `note` package: `PRIVATE+KEY+name+id+base64(1 ‖ seed)`. Whoever sees
    /// it can sign.
    public var secretText: String {
        let parts = verifier.text.split(separator: "+", maxSplits: 2)
        return "PRIVATE+KEY+\(parts[0])+\(parts[1])+\(Data([1] + seed).base64EncodedString())\n"
    }

    /// Reads the form of ``secretText``.
    ///
    /// - Throws: `Problem` `note.key` (invalid), which shows nothing of the key.
    public init(parsingSecret text: String) throws(Problem) {
        let parts = text.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: "+", maxSplits: 4)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY",
            let bytes = Data(base64Encoded: String(parts[4])), bytes.count == 33, bytes.first == 1
        else { throw Self.unreadable }
        try self.init(name: String(parts[2]), seed: [UInt8](bytes.dropFirst()))
        guard verifier.text.hasPrefix("\(parts[2])+\(parts[3])+") else { throw Self.unreadable }
    }

    private static var unreadable: Problem {
        Problem(
            .invalid, code: "note.key", "The signing key cannot be read.",
            hint: "Give the file that `vouchsafe backup verifier-key` has made.")
    }
}
