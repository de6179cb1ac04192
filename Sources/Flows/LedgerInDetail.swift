import Kernel
import Ledger
import Store
import Wire

extension Rooms {
    /// A page of the ledger, newest first.
    ///
    /// - Parameters:
    ///   - before: Entries before this index; `nil` for the newest.
    ///   - limit: How many, 1…1,000.
    public func ledgerPage(
        of organisation: Identifier<Organisation>, before: Int?, limit: Int = 50
    ) async throws -> LedgerPage {
        let ledger = database.ledger(of: organisation)
        let verifier = try await ledger.verifier()
        let entries = try await ledger.entries(before: before.map { UInt64(max(0, $0)) }, limit: limit)
        let last = entries.last.map { Int($0.index) }
        return LedgerPage(
            origin: verifier.name, verificationKey: verifier.text,
            size: Int(try await ledger.size()),
            checkpoint: String(decoding: try await ledger.publishCheckpoint().encoded, as: UTF8.self),
            entries: entries.map { index, entry in
                LedgerEntrySummary(
                    index: Int(index), at: entry.at, actor: entry.actor, action: entry.action,
                    subject: entry.subject ?? "-", rows: Int(entry.rows))
            },
            next: last.flatMap { $0 > 0 ? $0 : nil })
    }
}
