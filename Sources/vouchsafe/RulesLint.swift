import ArgumentParser
import Kernel
import Sigma

/// Names every rule that cannot be used.
struct RulesLint: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Name every Sigma rule that cannot be used, and why.",
        discussion: "Ends with 1 if there is any.")

    @OptionGroup var rules: RulePaths

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct Entry: Encodable {
        let rule, title: String?
        let code, message: String
        let file: String?
        let line: Int?
        let field, hint: String?
    }

    func run() throws {
        let set = try RuleFiles.read(rules.paths, placeholders: rules.placeholders.file)
        switch format {
        case .json:
            try Output.json(
                set.rejected.map { rejected in
                    let problem = rejected.problem
                    return Entry(
                        rule: rejected.identity, title: rejected.title, code: problem.code, message: problem.message,
                        file: problem.place?.file, line: problem.place?.line, field: problem.place?.field,
                        hint: problem.hint)
                })
        case .text:
            for rejected in set.rejected { Output.line("\(rejected.problem)") }
            let usable =
                "\(set.rules.count) rules, \(set.correlations.count) correlations, \(set.filters.count) filters"
            Output.note("\(usable) can be used, \(set.rejected.count) cannot.")
        }
        if !set.rejected.isEmpty { throw ExitStatus.broken }
    }
}
