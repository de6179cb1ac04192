import ArgumentParser
import Foundation
import Kernel
import Pages
import ScanResults

/// How a scan's report comes out, and when it makes the program fail: the same for every kind of scan.
struct ScanOutput: ParsableArguments {
    /// The ways to write a report.
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif, html }

    @Option(help: "text, json, sarif (2.1.0) or html (one file that needs no other).")
    var format: Format = .text

    @Option(
        help: ArgumentHelp(
            """
            End with 1 for findings of at least this severity (informational, low, medium, high, critical), for a grade below \
            this one (such as B), or never.
            """, valueName: "severity|grade|never"))
    var failOn: FailOn = .severity(.high)

    @Option(
        help: ArgumentHelp(
            "An earlier report in JSON of the same target: what changed is marked, and only what is new or worse fails.",
            valueName: "file"))
    var baseline: String?

    /// What makes the program fail.
    enum FailOn: ExpressibleByArgument, CustomStringConvertible {
        case severity(Severity)
        case below(ScanGrade)
        case never

        init?(argument: String) {
            if argument == "never" {
                self = .never
            } else if let severity = Severity(rawValue: argument) {
                self = .severity(severity)
            } else if let grade = ScanGrade(argument) {
                self = .below(grade)
            } else {
                return nil
            }
        }

        var description: String {
            switch self {
            case .severity(let severity): severity.rawValue
            case .below(let grade): grade.rawValue
            case .never: "never"
            }
        }
    }

    static let reportLimit = 64 << 20

    /// Writes a report, and ends the program with 1 where it is worse than was asked.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - facts: What only this kind of scan tells, as names and values for people.
    /// - Throws: ``ExitStatus``; `Problem` where the earlier report cannot be read or is of something else.
    func finish<Details>(_ report: ScanReport<Details>, facts: [(name: String, value: String)] = []) throws {
        let comparison = try baseline.map { file in
            let earlier = try Self.summary(in: file)
            guard earlier.kind == report.summary.kind, earlier.target == report.summary.target else {
                throw Problem(
                    .invalid, code: "scan.other-target",
                    "The earlier report is of \(earlier.target), this one of \(report.summary.target).",
                    hint: "Compare scans of one kind and one target.", place: Problem.Place(file: file))
            }
            return ScanComparison(from: earlier, to: report.summary)
        }
        switch format {
        case .json: try Output.json(report)
        case .sarif:
            try Output.json(SARIFLog(report.summary, comparedBy: comparison, version: Vouchsafe.version))
        case .html:
            Output.write(try PageRenderer().scanDocument(report.summary, details: facts, comparedBy: comparison))
        case .text:
            for line in ReportText(report.summary, facts: facts, comparedBy: comparison).lines { Output.line(line) }
        }
        if fails(report.summary, comparison) { throw ExitStatus.broken }
    }

    private func fails(_ summary: ScanSummary, _ comparison: ScanComparison?) -> Bool {
        switch failOn {
        case .never: return false
        case .below(let grade):
            guard let found = summary.grade else { return true }
            // With an earlier report a grade that was as bad before fails nobody.
            return found < grade && (comparison?.earlierGrade.map { found < $0 } ?? true)
        case .severity(let severity):
            let counted = comparison.map { $0.entries.filter(\.isWorse).map(\.finding) } ?? summary.findings
            return counted.contains { $0.severity >= severity }
        }
    }

    /// What every report tells, read from a file.
    ///
    /// - Throws: `Problem` `scan.malformed`.
    static func summary(in file: String) throws -> ScanSummary {
        let bytes = try Input.bytes(of: file, limit: reportLimit)
        do {
            return try JSONDecoder().decode(ScanSummary.self, from: Data(bytes))
        } catch {
            throw Problem(
                .invalid, code: "scan.malformed", "The file is no report of a scan in JSON.",
                hint: "Make one with --format json.", place: Problem.Place(file: file), cause: "\(error)")
        }
    }
}
