import App
import ArgumentParser
import Kernel

/// Runs checks at once and shows what they found.
struct CheckRun: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Measure this machine now and show what was found.",
        discussion: """
            Without root it works too and says unknown where root is needed. With --root it reads a captured file tree; a \
            command's output then comes from ROOT/.commands/NAME. The installation's own checks need --data. Ends with 1 if \
            a check fails.
            """)

    @Argument(help: "The checks to run; all if none is named.")
    var ids: [String] = []

    @Option(help: ArgumentHelp("A captured file tree to read instead of this machine.", valueName: "dir"))
    var root: String?

    @Option(help: ArgumentHelp("The installation whose own checks to run as well.", valueName: "dir"))
    var data: String?

    @OptionGroup var database: DatabaseOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let site = try data.map { try database.site(in: DataFolder($0)) }
        let found = try await ChecksAtOnce.run(try checks(), root: root, site: site)
        switch format {
        case .json: try Output.json(found)
        case .text: show(found)
        }
        if found.contains(where: { $0.result == .fail || $0.result == .error }) { throw ExitStatus.broken }
    }

    private func checks() throws -> [Check] {
        guard !ids.isEmpty else {
            return Installation.catalogue.filter { $0.population == .host || (data != nil && root == nil) }
        }
        return try ids.map { id in
            guard let check = Installation.catalogue.first(where: { $0.id.rawValue == id }) else {
                throw Problem(
                    .invalid, code: "check.unknown", "There is no check called \(id).",
                    hint: "`vouchsafe check list` names them all.")
            }
            return check
        }
    }

    private func show(_ found: [CheckFinding]) {
        for finding in found {
            let mark =
                switch finding.result {
                case .pass: "✓ pass"
                case .fail: "✗ fail"
                case .unknown: "? unknown"
                case .notApplicable: "– not applicable"
                case .error: "! error"
                }
            Output.line("\(mark)  \(finding.check)")
            Output.line("    \(finding.value)")
            if let fix = finding.fix {
                for line in fix.split(separator: "\n") { Output.line("    → \(line)") }
            }
        }
        let counts = CheckResult.allCases.map { result in
            "\(found.filter { $0.result == result }.count) \(result.rawValue)"
        }
        Output.line("\(found.count) checks: \(counts.joined(separator: ", ")).")
    }
}
