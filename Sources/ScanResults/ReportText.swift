import Kernel

/// A report as lines for a terminal: the grade, then what is wrong, the worst first, each with what to do.
public struct ReportText: Sendable {
    /// The lines without line ends.
    public let lines: [String]

    /// Writes a scan down.
    ///
    /// - Parameters:
    ///   - summary: What the scan found.
    ///   - facts: What only this kind of scan tells, as names and values; they stand between the grade and the findings.
    ///   - comparison: How it stands to an earlier scan, if there is one.
    public init(
        _ summary: ScanSummary, facts: [(name: String, value: String)] = [],
        comparedBy comparison: ScanComparison? = nil
    ) {
        var lines = [Self.heading(summary)]
        if !facts.isEmpty { lines += [""] + Self.lines(of: facts) }
        let states = comparison?.states ?? [:]
        for severity in Severity.allCases.reversed() {
            let findings = summary.findings.filter { $0.severity == severity }
            guard !findings.isEmpty else { continue }
            lines += ["", "\(severity.rawValue.capitalisedFirst) (\(findings.count))"]
            for finding in findings { lines += Self.lines(of: finding, state: states[finding.fingerprint]) }
        }
        if summary.findings.isEmpty { lines += ["", "Nothing was found wrong."] }
        let gone = comparison?.findings(.absent) ?? []
        if !gone.isEmpty {
            lines += ["", "Gone since the earlier scan (\(gone.count))"]
            lines += gone.map { "  - \($0.title.printable): \($0.location.text)" }
        }
        if !summary.remarks.isEmpty {
            lines += ["", "About this scan"] + summary.remarks.map { "  - \($0.printable)" }
        }
        self.lines = lines
    }

    private static func heading(_ summary: ScanSummary) -> String {
        let score = summary.score.map { " (score \($0))" } ?? ""
        return "\(summary.target.printable): \(summary.grade.map { "grade \($0)" } ?? "no grade")\(score)"
    }

    private static func lines(of facts: [(name: String, value: String)]) -> [String] {
        let width = facts.map(\.name.count).max() ?? 0
        return facts.flatMap { fact in
            fact.value.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
                let name = index == 0 ? fact.name : ""
                return "\(name)\(String(repeating: " ", count: width - name.count))  \(String(line).printable)"
            }
        }
    }

    private static func lines(of finding: Finding, state: ScanComparison.State?) -> [String] {
        let mark = state.flatMap { $0 == .unchanged ? nil : " [\($0.rawValue)]" } ?? ""
        var lines = ["  - \(finding.message.printable)\(mark)", "      at   \(finding.location.text)"]
        if let evidence = finding.evidence { lines.append("      seen \(evidence.printable)") }
        if let fix = finding.fix { lines.append("      do   \(fix.advice.printable)") }
        return lines
    }
}

extension Finding.Location {
    /// The address with its part, as people read it.
    public var text: String { part.map { "\(address.printable) (\($0.printable))" } ?? address.printable }
}

extension String {
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// The text on one line and without characters that would move a terminal's cursor: it was written by strangers.
    public var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { Self.isPlain($0) ? $0 : "\u{FFFD}" }))
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
        default: true
        }
    }
}
