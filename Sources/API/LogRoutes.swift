import Detection
import Flows
import Identity
import Kernel
import LogFormats
import Routing
import Wire

/// The routes about log sources: registering them, sending records, and looking into what is kept.
extension APIRoutes {
    var logRoutes: [Route] { readingLogs + changingLogs }

    private static let source = Parameter.path("log", "The log source's id.", .string(format: "uuid"))

    private var readingLogs: [Route] {
        [
            reading(
                "/logs", "listLogSources", "The log sources and what came from them", .readLogs, [],
                Shapes.logSourceOverview
            ) { [rooms, logs] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.logSources(
                    of: organisation, in: logs.archives, live: logs.live, isCollecting: logs.pipeline.isRunning,
                    as: principal)
            },
            reading(
                "/logs/{log}", "readLogSource", "One log source with what could not be read", .readLogRecords,
                [Self.source], Shapes.logSourceDetail
            ) { [rooms, logs] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.logSource(
                    try call.parameter("log"), of: organisation, live: logs.live, as: principal)
            },
            reading(
                "/log-records", "searchLogRecords",
                "Records that are kept, newest first; the ledger records the search",
                .readLogRecords,
                [
                    .query("text", "Words that a record must hold, all of them."),
                    .query("source", "Only records of this source, by its id or name."),
                    .query("from", "Only what was received from here on.", .time),
                    .query("to", "Only what was received before.", .time),
                    .query("limit", "The most records.", .integer(minimum: 1, maximum: 1000)),
                ], Shapes.logSearchResult
            ) { [rooms, logs] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.searchLogs(
                    call.query["text"] ?? "", sources: [call.query["source"]].compactMap { $0 }.filter { !$0.isEmpty },
                    from: try call.moment("from") ?? .distantPast, until: try call.moment("to") ?? .distantFuture,
                    limit: try call.number("limit", in: 1...1000) ?? 100, of: organisation, in: logs.archives,
                    as: principal)
            },
            reading(
                "/log-reviews", "listLogReviews", "The days that wait for a review, and those that were signed",
                .readLogs, [], Shapes.logReviews
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.logReviewOverview(of: organisation, as: principal)
            },
        ]
    }

    private var changingLogs: [Route] {
        [
            writing(
                "/logs", "registerLogSource", "Register a log source whose records are sent over HTTPS", .changeLogs,
                takes: Shapes.logSourceRequest, Shapes.logSource
            ) { [rooms, logs] call, caller in
                let source = try await rooms.logs.register(
                    try call.json(LogSourceRequest.self).settings(), in: caller.tenant.id, as: caller.principal)
                return try await rooms.logSourceSummary(
                    source.id.description, of: caller.tenant.id, live: logs.live, as: caller.principal)
            },
            writing(
                "/logs/{log}", "removeLogSource", "Take no more records of a log source", .changeLogs, [Self.source],
                method: .delete, Shapes.logSource
            ) { [rooms, logs] call, caller in
                let source = try call.parameter("log")
                let summary = try await rooms.logSourceSummary(
                    source, of: caller.tenant.id, live: logs.live, as: caller.principal)
                try await rooms.logs.remove(source, in: caller.tenant.id, as: caller.principal)
                return summary
            },
            writing(
                "/logs/{log}/records", "sendLogRecords",
                "Send records, one a line, in the form of the source; the answer comes when they are kept", .sendLogs,
                [
                    Self.source,
                    .query(
                        "stream",
                        "A name for what the records are read from; with `start`, what is sent twice is kept once."),
                    .query("start", "The number of the first record in the stream, from 0.", .integer(minimum: 0)),
                ], Shapes.recordsKept
            ) { [rooms, logs] call, caller in
                let start = try call.number("start", in: 0...Int.max)
                let position = try call.query["stream"].map { stream in
                    guard let start else {
                        throw Problem(
                            .invalid, code: "logs.start", "A stream needs the number of its first record.",
                            place: Problem.Place(field: "start"))
                    }
                    return (stream: stream, start: UInt64(start))
                }
                let kept = try await rooms.takeRecords(
                    call.body, of: try call.parameter("log"), position: position, into: logs, in: caller.tenant.id,
                    as: caller.principal)
                return RecordsKept(kept: kept)
            },
        ]
    }
}

private struct RecordsKept: Encodable {
    let kept: Int
}

private struct LogSourceRequest: Decodable {
    let name: String
    let format: String
    let silenceHours: Int?
    let product: String?
    let category: String?
    let service: String?
    let mapping: [String: String]?

    func settings() throws(Problem) -> WatchedLog.Settings {
        guard let format = LogFormat(rawValue: format) else {
            throw Problem(
                .invalid, code: "log-source.format", "There is no such form of logs.",
                hint: "One of: \(LogFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
                place: Problem.Place(field: "format"))
        }
        return WatchedLog.Settings(
            name: name, format: format, way: .https, silenceAfter: .hours(min(max(silenceHours ?? 24, 0), 10_000)),
            product: product, category: category, service: service, mapping: mapping ?? [:])
    }
}
