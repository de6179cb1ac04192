import ArgumentParser
import Foundation
import Kernel
import Sigma

/// Shows for one event which parts of a rule it passes.
struct RulesExplain: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show for one event which part of a Sigma rule matched and which did not.",
        discussion: "Ends with 1 if the rule does not match.")

    @Argument(help: "The file with the rule.")
    var rule: String

    @Argument(help: "The event: a file with a JSON object, - for standard input, or the object itself.")
    var event: String

    @Option(help: "Which rule is meant, by id, name or title, where the file holds several.")
    var id: String?

    @OptionGroup var placeholders: PlaceholderOption

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let set = try RuleFiles.read([rule], placeholders: placeholders.file)
        let rule = try chosen(from: set)
        let bytes =
            event.first == "{" ? Array(event.utf8) : try Input.bytes(of: event, limit: RuleMatcher.lineLimit)
        let explanation: Explanation
        do {
            explanation = try Explanation(rule, event: bytes)
        } catch {
            throw Problem(
                .invalid, code: "event.unreadable", "The event cannot be read: \(error.rawValue).",
                hint: "It must be one JSON object.", place: event.first == "{" ? nil : Problem.Place(file: event))
        }
        switch format {
        case .json: try Output.json(Shape(rule, explanation))
        case .text: show(rule, explanation)
        }
        if !explanation.matches { throw ExitStatus.broken }
    }

    private func chosen(from set: RuleSet) throws -> SigmaRule {
        let fitting = set.rules.filter { rule in
            id.map { [rule.about.id, rule.about.name, rule.about.title].contains($0) } ?? true
        }
        if fitting.count == 1 { return fitting[0] }
        if let rejected = set.rejected.first, fitting.isEmpty { throw rejected.problem }
        throw Problem(
            .invalid, code: "rules.which",
            fitting.isEmpty ? "The file holds no such rule." : "The file holds \(fitting.count) rules.",
            hint: set.rules.isEmpty
                ? nil : "Say which by --id: \(set.rules.prefix(10).map(\.about.identity).joined(separator: ", ")).",
            place: Problem.Place(file: rule))
    }

    // MARK: For people

    private func show(_ rule: SigmaRule, _ explanation: Explanation) {
        Output.line("\(rule.about.title) (\(rule.about.identity)) is for \(rule.logSource).")
        Output.line(explanation.matches ? "It matches." : "It does not match.")
        Output.line()
        for (text, holds) in explanation.conditions { Output.line("\(Self.mark(holds)) condition: \(text)") }
        for (name, part) in explanation.selections {
            Output.line("  \(Self.mark(part.holds)) \(name)")
            show(part, depth: 2)
        }
        if let filters = explanation.filters {
            Output.line("\(Self.mark(filters.holds)) filter: \(rule.filters.joined(separator: ", "))")
            show(filters, depth: 1)
        }
    }

    private func show(_ part: Explanation.Part, depth: Int) {
        let indent = String(repeating: "  ", count: depth)
        var line = "\(indent)\(Self.mark(part.holds)) \(part.question)"
        if part.field != nil {
            line +=
                part.values.isEmpty ? " — the event has no such value" : " — the event has \(Self.quoted(part.values))"
        }
        Output.line(line)
        for inner in part.parts where part.parts.count <= Self.shownValues || inner.holds {
            show(inner, depth: depth + 1)
        }
        let hidden = part.parts.count > Self.shownValues ? part.parts.count { !$0.holds } : 0
        if hidden > 0 { Output.line("\(indent)  ✗ \(hidden) that do not fit are not listed; --format json has them") }
    }

    private static let shownValues = 20

    private static func mark(_ holds: Bool) -> String { holds ? "✓" : "✗" }

    private static func quoted(_ values: [String]) -> String {
        let shown = values.prefix(3).map { $0.count > 200 ? "\($0.prefix(200))…" : $0 }
        return shown.joined(separator: ", ") + (values.count > 3 ? " and \(values.count - 3) more" : "")
    }

    // MARK: For programs

    private struct Shape: Encodable {
        struct Condition: Encodable {
            let condition: String
            let holds: Bool
        }

        struct Part: Encodable {
            var selection: String?
            let question: String
            let holds: Bool
            let field: String?
            let values: [String]?
            let parts: [Part]?

            init(_ part: Explanation.Part, selection: String? = nil) {
                self.selection = selection
                question = part.question
                holds = part.holds
                field = part.field
                values = part.field == nil ? nil : part.values
                parts = part.parts.isEmpty ? nil : part.parts.map { Part($0) }
            }
        }

        let rule, title: String
        let matches: Bool
        let conditions: [Condition]
        let selections: [Part]
        let filters: Part?

        init(_ rule: SigmaRule, _ explanation: Explanation) {
            self.rule = rule.about.identity
            title = rule.about.title
            matches = explanation.matches
            conditions = explanation.conditions.map { Condition(condition: $0.text, holds: $0.holds) }
            selections = explanation.selections.map { Part($0.part, selection: $0.name) }
            filters = explanation.filters.map { Part($0) }
        }
    }
}
