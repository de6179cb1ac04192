import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store
import Verdicts
import Wire

/// Shows how every commitment stands.
struct Status: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readCommitments
    static let configuration = CommandConfiguration(
        abstract: "Show how every commitment stands, now or at a moment in the past.",
        discussion: "Ends with 1 if a commitment is broken.")

    @OptionGroup var options: DataOptions

    @Option(
        help: ArgumentHelp(
            "As it stood then, by what had been received by then; such as 2026-03-01 or 2026-03-01T09:30Z.",
            valueName: "time"))
    var at: Moment?

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let report = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.status(of: tenant.id, at: at?.instant, as: .operator)
        }
        switch format {
        case .json: try Output.json(report)
        case .text:
            Output.line("As of \(report.asOf):")
            Self.printTable(report)
        }
        if report.counts.broken > 0 { throw ExitStatus.broken }
    }

    /// The commitments, those that need someone first, and the sum of each verdict.
    static func printTable(_ report: StatusReport) {
        var table = TextTable("VERDICT", "SINCE", "POLICY/COMMITMENT", "WHY")
        let order: [Verdict] = [.broken, .stale, .unproven, .unprovable, .withdrawn, .kept]
        for verdict in order {
            for commitment in report.commitments where commitment.verdict == verdict {
                let since = commitment.since.map { String($0.description.prefix(16)) + "Z" } ?? "-"
                let exception =
                    commitment.exception.map { " (exception until \($0.until.description.prefix(10)))" } ?? ""
                table.add(
                    verdict.rawValue + exception, since, "\(commitment.policy)/\(commitment.id)", commitment.reason)
            }
        }
        for line in table.lines { Output.line(line) }
        let counts = Verdict.allCases.map { "\(report.counts[$0]) \($0.rawValue)" }.joined(separator: ", ")
        Output.line("\(report.counts.total) commitments: \(counts).")
    }
}
