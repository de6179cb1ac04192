import ArgumentParser
import Kernel
import Sigma

/// Counts rules.
struct RulesStats: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count Sigma rules by log source, level and status.")

    @OptionGroup var rules: RulePaths

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct Counts: Encodable {
        let rules, correlations, filters, rejected, fields: Int
        let products, categories, services, levels, statuses, tactics: [String: Int]
    }

    func run() throws {
        let set = try RuleFiles.read(rules.paths, placeholders: rules.placeholders.file)
        let counts = Counts(
            rules: set.rules.count, correlations: set.correlations.count, filters: set.filters.count,
            rejected: set.rejected.count, fields: Set(set.rules.flatMap(\.fields)).count,
            products: Self.count(set.rules.map { [$0.logSource.product ?? "any"] }),
            categories: Self.count(set.rules.map(\.logSource.categories)),
            services: Self.count(set.rules.map(\.logSource.services)),
            levels: Self.count(set.rules.map { [$0.about.level?.rawValue ?? "none"] }),
            statuses: Self.count(set.rules.map { [$0.about.status?.rawValue ?? "none"] }),
            tactics: Self.count(set.rules.map(\.about.tactics)))
        switch format {
        case .json: try Output.json(counts)
        case .text:
            Output.line(
                "\(counts.rules) rules over \(counts.fields) fields, \(counts.correlations) correlations, "
                    + "\(counts.filters) filters, \(counts.rejected) rejected.")
            for (title, numbers) in [
                ("Level", counts.levels), ("Status", counts.statuses), ("Product", counts.products),
                ("Category", counts.categories), ("Service", counts.services), ("ATT&CK tactic", counts.tactics),
            ] where !numbers.isEmpty {
                Output.line()
                var table = TextTable(title, "Rules")
                for (name, number) in numbers.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                    table.add(name, "\(number)")
                }
                for line in table.lines { Output.line(line) }
            }
        }
    }

    private static func count(_ names: [[String]]) -> [String: Int] {
        names.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
