import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// A page of the ledger with its newest checkpoint and its key.
    public func ledger(_ page: LedgerPage, in frame: PageFrame) -> String {
        render(LedgerShowPage(ledger: page, now: frame.now), in: frame)
    }
}

struct LedgerShowPage: Page {
    static let template = "ledger-show"
    let title = "Ledger"
    let place: Place? = .ledger
    let ledger: LedgerPage
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "headline":
            ledger.size == 0 ? "The ledger is empty." : count(ledger.size, "entry", "entries") + " in the ledger."
        case "checkpoint": ledger.checkpoint ?? false
        case "verificationKey": ledger.verificationKey
        case "hasEntries": !ledger.entries.isEmpty
        case "entries": ledger.entries.map { EntryRow(entry: $0, now: now) }
        case "olderAddress": ledger.next.map { "/ledger?before=\($0)" } ?? false
        case "isNewest": (ledger.entries.first?.index ?? ledger.size - 1) == ledger.size - 1
        default: nil
        }
    }
}

private struct EntryRow: MustacheParent {
    let entry: LedgerEntrySummary
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "index": grouped(entry.index)
        case "at": Moment(entry.at, now: now)
        case "actor": entry.actor
        case "action": entry.action
        // A change of no single thing has "-" for its subject.
        case "subject": entry.subject == "-" ? false : entry.subject
        case "rowsLine": entry.rows == 0 ? false : count(entry.rows, "row")
        default: nil
        }
    }
}
