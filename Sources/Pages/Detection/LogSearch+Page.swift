import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The search of the archive. Every search of it is an entry of the ledger.
    ///
    /// - Parameters:
    ///   - result: What was found; `nil` while nothing was searched for.
    ///   - query: What was asked: `text`, `source` (an identifier, empty for all), `from` and `to`.
    public func logSearch(
        _ result: LogSearchResult?, query: [String: String], sources: [LogSourceSummary], in frame: PageFrame
    ) -> String {
        render(LogSearchPage(result: result, query: query, sources: sources, now: frame.now), in: frame)
    }
}

struct LogSearchPage: Page {
    static let template = "log-search"
    let title = "Search of the logs"
    let place: Place? = .logs
    let result: LogSearchResult?
    let query: [String: String]
    let sources: [LogSourceSummary]
    let now: Instant

    /// To load it again is to search again, in the reader's name.
    var live: LiveStream? { nil }

    func child(named name: String) -> Any? {
        switch name {
        case "headline": headline
        case "queryText": query["text"] ?? ""
        case "queryFrom": query["from"] ?? ""
        case "queryTo": query["to"] ?? ""
        case "sourceOptions": sourceOptions
        case "wasSearched": result != nil
        case "hasRecords": !records.items.isEmpty
        case "records": records.items.map { FoundPart(record: $0, now: now) }
        case "older": older ?? false
        case "hasRemarks": !(result?.remarks.isEmpty ?? true)
        case "remarks": (result?.remarks ?? []).prefix(20).map { LogText.line($0, longest: 500) }
        default: nil
        }
    }

    private var records: Shown<LogRecordFound> { Shown(result?.records ?? [], atMost: 200) }

    private var headline: String {
        guard let result else { return "Search the logs" }
        guard !result.records.isEmpty else { return "Nothing was found." }
        return "\(count(records.items.count, "record"))\(older == nil ? "" : ", and there are older ones")"
    }

    private var sourceOptions: [SourceOption] {
        let chosen = query["source"] ?? ""
        let all = SourceOption(value: "", label: "All sources", isChosen: chosen.isEmpty)
        return [all]
            + sources.map {
                SourceOption(value: $0.id, label: LogText.line($0.name, longest: 100), isChosen: $0.id == chosen)
            }
    }

    /// Until when to search for what is not shown: the next whole minute, so that none is left out.
    private var older: String? {
        guard let result, let last = records.items.last, result.hasMore || records.rest != nil else { return nil }
        let minute = Instant(milliseconds: (last.receivedAt.milliseconds / 60_000 + 1) * 60_000)
        return "\(minute.description.prefix(16))Z"
    }
}

private struct SourceOption: MustacheParent {
    let value: String
    let label: String
    let isChosen: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "optionValue": value
        case "optionTitle": label
        case "isChosen": isChosen
        default: nil
        }
    }
}

private struct FoundPart: MustacheParent {
    let record: LogRecordFound
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "received": Moment(record.receivedAt, now: now)
        case "recordSource": LogText.line(record.name, longest: 100)
        case "recordAddress": Address.logSource(record.source)
        case "recordText": LogText.block(record.text)
        default: nil
        }
    }
}
