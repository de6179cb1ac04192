import Foundation
import Kernel
import LogFormats
import Sigma

/// One pass over events: matches out, and what to tell about it afterwards.
struct DetectionRun {
    private let set: RuleSet
    private let matcher: RuleMatcher
    private var correlations: CorrelationEngine
    private let clock: EventClock
    private let writer: MatchWriter
    private let isSilent: [Bool]
    private let listens: [Bool]
    /// The fields that correlations ask for.
    private let fields: [String]

    private var events = 0
    private var matches = 0
    private var faults: [EventFault: (count: Int, firstLine: Int)] = [:]
    private var newestTime = 0.0
    private var timeless = 0
    private var output: [UInt8] = []
    private var duration = Duration.zero
    private let loading: Double

    /// Reads lines in another form than events have; `nil` where lines are events.
    private var reader: LogReader?
    /// The form says where its events are from, unless somebody said otherwise.
    private let isRoutedByForm: Bool
    private var unreadable = (count: 0, firstLine: 0)
    private var lines = 0

    init(
        _ set: RuleSet, routing: RuleMatcher.Routing, of logFormat: LogFormat, clock: EventClock, format: OutputFormat
    ) {
        self.set = set
        reader = logFormat == .json ? nil : LogReader(logFormat)
        if case .unsaid = routing { isRoutedByForm = logFormat != .json } else { isRoutedByForm = false }
        self.clock = clock
        fields = set.correlationFields
        let compiled = CompiledRules(set.rules, fields: fields + (set.correlations.isEmpty ? [] : clock.fields))
        matcher = RuleMatcher(compiled, routing: routing)
        correlations = CorrelationEngine(set)
        writer = MatchWriter(set, format)
        let silent = set.silentRules
        isSilent = set.rules.indices.map(silent.contains)
        let engine = correlations
        listens = set.rules.indices.map(engine.listens)
        loading = ProcessCare.processorSeconds
    }

    mutating func read(_ lines: inout EventLines) throws {
        guard !set.rules.isEmpty else {
            summariseRejected()
            throw Problem(
                .invalid, code: "rules.none", "There is no rule that can be used.",
                hint: "Name a file of Sigma rules, or a folder with .yml files.")
        }
        let begun = ContinuousClock.now
        let progress = Progress("Matching", onlyOnTerminal: true)
        try lines.forEach { line in
            take(line)
        } pause: {
            flush()
            progress.show("\(events) events")
            return !Output.isReaderGone
        }
        finish()
        progress.end()
        duration = ContinuousClock.now - begun
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>?) {
        lines += 1
        guard let line else {
            events += 1
            return count(.tooLong)
        }
        guard reader != nil else {
            // A blank line is no event, and no fault either.
            if line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\t") })
            {
                match(line, from: nil)
            }
            events += 1
            return
        }
        var found: [LogEvent] = []
        if reader?.read(Array(line), receivedAt: Self.now, { found.append($0) }) != nil {
            if unreadable.count == 0 { unreadable.firstLine = lines }
            unreadable.count += 1
        }
        match(found)
    }

    private static var now: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// Takes what the log's form kept back for more lines.
    private mutating func finish() {
        var found: [LogEvent] = []
        reader?.finish(receivedAt: Self.now) { found.append($0) }
        match(found)
        flush()
    }

    private mutating func match(_ found: [LogEvent]) {
        for event in found {
            event.json.withUnsafeBufferPointer { match($0, from: isRoutedByForm ? event.source : nil) }
            events += 1
        }
    }

    private mutating func match(_ line: UnsafeBufferPointer<UInt8>, from source: LogSource?) {
        if let fault = matcher.match(line, from: source) { return count(fault) }
        var isAwaited = false
        for rule in matcher.matches {
            if listens[Int(rule)] { isAwaited = true }
            guard !isSilent[Int(rule)] else { continue }
            matches += 1
            writer.write(rule: Int(rule), event: events, to: &output)
        }
        if isAwaited { correlate() }
    }

    private mutating func correlate() {
        let time: Double
        if let known = matcher.time(by: clock) {
            time = known
            newestTime = max(newestTime, known)
        } else {
            // What does not say when it happened is taken to have happened just after what came before.
            timeless += 1
            time = newestTime
        }
        var values: [String: [UInt8]] = [:]
        for field in fields { values[field] = matcher.value(of: field) }
        let arrival = CorrelationArrival(
            rules: matcher.matches.map(Int.init), values: values, time: time, event: events)
        for match in correlations.receive(arrival) {
            matches += 1
            writer.write(match, to: &output)
        }
    }

    private mutating func count(_ fault: EventFault) {
        faults[fault, default: (0, lines)].count += 1
    }

    private mutating func flush() {
        guard !output.isEmpty else { return }
        Output.write(output)
        output.removeAll(keepingCapacity: true)
    }

    // MARK: Summary

    func summarise() {
        summariseRejected()
        var parts = ["\(set.rules.count) rules"]
        if !set.correlations.isEmpty { parts.append("\(set.correlations.count) correlations") }
        if !set.filters.isEmpty { parts.append("\(set.filters.count) filters") }
        let seconds = String(format: "%.2f", loading)
        Output.note(
            "Loaded \(parts.joined(separator: ", ")) in \(seconds) s of processor time; \(set.rejected.count) rejected."
        )
        for source in matcher.sources.sorted(by: { ($1.events, $0.name) < ($0.events, $1.name) }).prefix(
            Self.shownSources)
        {
            Output.note("  \(source.name): \(source.events) events, \(source.applicable) rules apply")
        }
        if matcher.sources.count > Self.shownSources {
            Output.note("  and \(matcher.sources.count - Self.shownSources) more log sources")
        }
        for (fault, found) in faults.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            Output.note("\(found.count) lines are no events: \(fault.rawValue), first on line \(found.firstLine).")
        }
        if unreadable.count > 0 {
            Output.note(
                "\(unreadable.count) lines are in another form, first line \(unreadable.firstLine); they were matched as plain text."
            )
        }
        if timeless > 0 {
            Output.note(
                "\(timeless) events that correlations look at do not say when they happened; name the field by --time-field."
            )
        }
        if correlations.forgotten > 0 {
            Output.note("\(correlations.forgotten) matches were too late or too many for correlations to count.")
        }
        if matcher.expressionsGivenUp > 0 {
            Output.note(
                "\(matcher.expressionsGivenUp) times a regular expression took too long and counts as not matched.")
        }
        if matcher.comparisonsGivenUp > 0 {
            Output.note(
                "\(matcher.comparisonsGivenUp) times values were too many or too long to be compared with another field's."
            )
        }
        let elapsed = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        let rate = elapsed > 0 ? Int(Double(events) / elapsed) : 0
        Output.note("\(events) events, \(matches) matches, \(rate) events/s.")
    }

    private func summariseRejected() {
        for rule in set.rejected { Output.note("Rejected: \(rule.problem)") }
    }

    private static let shownSources = 100
}
