import ArgumentParser
import Kernel
import ScanResults

/// Tells what changed between two scans.
struct ScanDiff: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Tell what changed between two reports of one target.",
        discussion: """
            Both files are reports in JSON. Findings are the same if rule and place are, whatever their sentences say. Ends with \
            1 if something became worse: a finding is new, more than a remark, or the grade fell.
            """)

    /// The ways to write the changes.
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

    @Argument(help: "The earlier report.")
    var earlier: String

    @Argument(help: "The later report.")
    var later: String

    @Option(help: "text, json or sarif, which tells each finding's baselineState.")
    var format: Format = .text

    func run() throws {
        let before = try ScanOutput.summary(in: earlier)
        let now = try ScanOutput.summary(in: later)
        guard before.kind == now.kind, before.target == now.target else {
            throw Problem(
                .invalid, code: "scan.other-target",
                "The reports are of two things: \(before.target) and \(now.target).",
                hint: "Compare scans of one kind and one target.")
        }
        let comparison = ScanComparison(from: before, to: now)
        switch format {
        case .json: try Output.json(comparison)
        case .sarif: try Output.json(SARIFLog(now, comparedBy: comparison, version: Vouchsafe.version))
        case .text: write(comparison)
        }
        if comparison.isWorse { throw ExitStatus.broken }
    }

    private func write(_ comparison: ScanComparison) {
        let grades = [comparison.earlierGrade, comparison.grade].map { $0?.description ?? "none" }
        Output.line(
            grades[0] == grades[1] ? "Grade \(grades[1]), as before." : "Grade \(grades[0]) before, \(grades[1]) now.")
        for state in ScanComparison.State.allCases {
            let findings = comparison.findings(state)
            guard !findings.isEmpty else { continue }
            Output.line("\n\(Self.words(state)) (\(findings.count))")
            guard state != .unchanged else { continue }
            for finding in findings {
                Output.line("  - \(finding.severity): \(finding.message.printable)")
                Output.line("      at   \(finding.location.text.printable)")
            }
        }
    }

    private static func words(_ state: ScanComparison.State) -> String {
        switch state {
        case .new: "New"
        case .updated: "Changed"
        case .unchanged: "Unchanged"
        case .absent: "Gone"
        }
    }
}
