import App
import ArgumentParser
import Kernel

/// Lists the checks.
struct CheckList: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what this installation can measure.")

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct Entry: Encodable {
        let id, title, measures, population, cadence, freshness: String
    }

    func run() throws {
        switch format {
        case .json:
            try Output.json(
                Installation.catalogue.map {
                    Entry(
                        id: $0.id.rawValue, title: $0.title, measures: $0.measures, population: $0.population.rawValue,
                        cadence: $0.cadence.description, freshness: $0.freshness.description)
                })
        case .text:
            var table = TextTable("CHECK", "OF EVERY", "RUNS EVERY", "MEASURES")
            for check in Installation.catalogue {
                table.add(check.id.rawValue, check.population.rawValue, check.cadence.description, check.measures)
            }
            for line in table.lines { Output.line(line) }
        }
    }
}
