import ArgumentParser
import Foundation
import Kernel
import LogFormats
import Sigma

/// Matches events against Sigma rules.
struct Detect: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "detect", abstract: "Match events against Sigma rules.",
        discussion: """
            Events are lines of JSON, from a file or from standard input; with --log-format they are read from a log in another \
            form. Each match is a line: the event's number, counted from \
            0, and the rule's id, title and level; a correlation adds its group and comes at the event that completes it. Rules \
            that only serve a correlation do not speak for themselves, unless it says generate: true.

            A summary goes to standard error: which rules were loaded and which rejected and why, how many apply to each log \
            source, and how fast it went.
            """)

    @OptionGroup var rules: RuleOptions

    @Option(help: "The form of the log: \(LogFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var logFormat: LogFormat = .json

    @Option(
        help: ArgumentHelp(
            "The log source of all events: product=…,category=…,service=….", valueName: "source"))
    var logsource: String?

    @Option(
        help: ArgumentHelp(
            "The top-level key of each event that holds its log source; it is no part of the event.", valueName: "key"))
    var logsourceKey: String?

    @Flag(name: .customLong("no-route"), help: "Try every rule, whatever its log source; also without a log source.")
    var isUnrouted = false

    @Option(
        name: .customLong("time-field"),
        help: ArgumentHelp("A field that says when an event happened; the usual ones are known.", valueName: "field"))
    var timeFields: [String] = []

    @Option(help: "text or json; json unless the result goes to a terminal.")
    var format: OutputFormat?

    @Argument(help: "The events; - is standard input.")
    var file: String?

    /// What was typed, sorted out: a file's name may have been taken for one more of the folders before it.
    private func sortedOut() throws -> (paths: [String], file: String) {
        if let file, !rules.paths.isEmpty { return (rules.paths, file) }
        guard file == nil, rules.paths.count >= 2, let last = rules.paths.last else {
            throw ValidationError(
                rules.paths.isEmpty
                    ? "Say which rules: --rules DIR." : "Say where the events are: a file, or - for standard input.")
        }
        return (rules.paths.dropLast(), last)
    }

    private var routing: RuleMatcher.Routing {
        get throws {
            if isUnrouted { return .none(except: logsourceKey) }
            if let logsourceKey { return .key(logsourceKey) }
            return try logsource.map { .fixed(try LogSourceText.parse($0)) } ?? .unsaid
        }
    }

    func validate() throws {
        if logsource != nil, logsourceKey != nil {
            throw ValidationError("Either --logsource or --logsource-key: events have one log source.")
        }
    }

    func run() throws {
        let (paths, file) = try sortedOut()
        let routing = try routing
        // Whoever misspelt the events' name should not wait for the rules.
        var lines = try EventLines(file)
        var run = DetectionRun(
            try RuleFiles.read(paths, placeholders: rules.placeholders.file), routing: routing,
            of: logFormat, clock: timeFields.isEmpty ? EventClock() : EventClock(fields: timeFields),
            format: format ?? (isatty(STDOUT_FILENO) == 1 ? .text : .json))
        try run.read(&lines)
        run.summarise()
    }
}

extension LogFormat: ExpressibleByArgument {}
