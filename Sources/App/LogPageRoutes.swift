import Detection
import Flows
import Identity
import Kernel
import LogFormats
import Pages
import Routing
import Store
import Wire

/// The pages about log sources, what is kept of them, and the reviews of each day.
extension PageRoutes {
    var logPages: [Route] { readingLogs + changingLogs }

    private static let source = Parameter.path("log", "The log source's id.")
    private static let digest = Parameter.path("digest", "The digest's id.")

    private var readingLogs: [Route] {
        [
            .page("/logs", "showLogSources", "The log sources", .readLogs) { try await logsPage($0) },
            .page("/logs/{log}", "showLogSource", "One log source", .readEvidence, [Self.source]) {
                [rooms, renderer, logs] call in
                let (organisation, principal) = try call.scope()
                return renderer.logSource(
                    try await rooms.logSource(
                        try call.parameter("log"), of: organisation, live: logs.live,
                        showsSamples: Self.may(.readLogRecords, call), as: principal),
                    mayChange: Self.may(.changeLogs, call), maySearch: Self.may(.readLogRecords, call),
                    in: Self.frame(call))
            },
            .page(
                "/logs/search", "searchLogs", "Records that are kept", .readLogRecords,
                [
                    .query("text", "Words that a record must hold."), .query("source", "The source's id."),
                    .query("from", "From when on."), .query("to", "Until when."),
                ]
            ) { try await searchPage($0) },
            .page("/logs/reviews", "showLogReviews", "The reviews of logs", .readLogs) { try await reviewsPage($0) },
        ]
    }

    private var changingLogs: [Route] {
        [
            form("/logs", "sendLogSource", "Register a log source", .changeLogs) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let form = try call.form()
                let source = try await rooms.logs.register(
                    WatchedLog.Settings(
                        name: form["name"] ?? "", format: LogFormat(rawValue: form["format"] ?? "") ?? .json,
                        way: .https, silenceAfter: .hours(min(max(Int(form["silenceHours"] ?? "24") ?? 0, 0), 10_000)),
                        product: Self.word(form["product"]), category: Self.word(form["category"]),
                        service: Self.word(form["service"])),
                    in: organisation, as: principal)
                return .seeOther("/logs/\(source.id)")
            } again: {
                try await logsPage($0, form: $1)
            },
            form(
                "/logs/{log}/removal", "sendLogSourceRemoval", "Take no more of a log source", .changeLogs,
                [Self.source]
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                try await rooms.logs.remove(try call.parameter("log"), in: organisation, as: principal)
                return .seeOther("/logs")
            } again: { call, _ in
                try await logsPage(call)
            },
            form(
                "/logs/reviews/{digest}/signature", "signLogReview", "Sign the review of a day", .reviewLogs,
                [Self.digest]
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let form = try call.form()
                try await rooms.logReviews.sign(
                    try call.parameter("digest"), findings: form["findings"] ?? "",
                    exceptions: form["exceptions"] ?? "", in: organisation, as: principal)
                return .seeOther("/logs/reviews")
            } again: { call, form in
                // Several forms stand on the page: which one was sent is told by the address.
                var form = form
                form.values["digest"] = try call.parameter("digest")
                return try await reviewsPage(call, form: form)
            },
        ]
    }

    static func may(_ permission: Permission, _ call: Call) -> Bool {
        call.caller?.permissions.contains(permission) ?? false
    }

    private static func word(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return String(text.prefix(100))
    }

    private func logsPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.logSources(
            try await rooms.logSources(
                of: organisation, in: logs.archives, live: logs.live, isCollecting: logs.pipeline.isRunning,
                as: principal),
            mayChange: Self.may(.changeLogs, call), form: form, in: Self.frame(call))
    }

    private func reviewsPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.logReviews(
            try await rooms.logReviewOverview(of: organisation, as: principal), maySign: Self.may(.reviewLogs, call),
            form: form, in: Self.frame(call))
    }

    private func searchPage(_ call: Call) async throws -> String {
        let (organisation, principal) = try call.scope()
        let sources = try await rooms.logSources(
            of: organisation, in: logs.archives, live: logs.live, isCollecting: logs.pipeline.isRunning,
            as: principal
        ).sources
        // An empty form is shown; only a question is answered, and recorded.
        guard call.query["text"] != nil || call.query["source"] != nil else {
            return renderer.logSearch(nil, query: call.query, sources: sources, in: Self.frame(call))
        }
        let result = try await rooms.searchLogs(
            call.query["text"] ?? "", sources: [call.query["source"] ?? ""].filter { !$0.isEmpty },
            from: try Self.moment(call, "from") ?? .distantPast, until: try Self.moment(call, "to") ?? .distantFuture,
            limit: 200, of: organisation, in: logs.archives, as: principal)
        return renderer.logSearch(result, query: call.query, sources: sources, in: Self.frame(call))
    }

    private static func moment(_ call: Call, _ name: String) throws -> Instant? {
        guard let text = call.query[name], !text.isEmpty else { return nil }
        guard let moment = Instant(text) ?? Instant(text + "Z") ?? Instant(text + "T00:00Z") else {
            throw Problem(
                .invalid, code: "route.query", "This is no moment.",
                hint: "Write it as 2026-11-21 or 2026-11-21T10:00Z.", place: Problem.Place(field: name))
        }
        return moment
    }
}
