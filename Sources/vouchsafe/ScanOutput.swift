import Kernel
import ScanResults

/// How the results of scans are written, whatever was scanned.
enum ScanOutput {
    /// Writes a report.
    ///
    /// - Parameter details: Lines about what only this kind of scan tells.
    static func write<Details>(_ report: ScanReport<Details>, as format: OutputFormat, details: [String]) throws {
        switch format {
        case .json: try Output.json(report)
        case .text: lines(of: report.summary, details: details).forEach { Output.line($0) }
        }
    }

    /// The grade, then what is wrong, the worst first and what to do about it, then the details, then what to know.
    private static func lines(of summary: ScanSummary, details: [String]) -> [String] {
        var lines = [summary.grade.map { "\(summary.target): grade \($0)" } ?? summary.target, ""]
        let wrong = summary.findings.filter { $0.severity > .informational }
        if wrong.isEmpty {
            lines += ["Nothing is wrong.", ""]
        }
        for finding in wrong {
            lines.append("\(finding.severity.rawValue.uppercased())  \(finding.message)")
            if let fix = finding.fix { lines.append("  → \(fix.advice)") }
            lines.append("")
        }
        lines += details
        let hints = summary.findings.filter { $0.severity == .informational }.map(\.message) + summary.remarks
        if !hints.isEmpty { lines += [""] + hints.map { "Note: \($0)" } }
        let withLines = wrong.contains { !($0.fix?.snippets.isEmpty ?? true) }
        if withLines { lines += ["", "Next: --format json shows the lines to put into the server's configuration."] }
        return lines
    }
}
