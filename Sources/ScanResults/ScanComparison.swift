import Kernel

/// What changed between two scans of the same target.
public struct ScanComparison: Hashable, Sendable, Codable {
    /// How a finding stands to an earlier scan; the words are SARIF's (2.1.0 §3.27.24).
    public enum State: String, Sendable, Codable, CaseIterable {
        /// It was not there before.
        case new
        /// It was there, less or more severe or with other evidence.
        case updated
        /// It was there just so.
        case unchanged
        /// It is gone.
        case absent
    }

    /// One finding and how it stands.
    public struct Entry: Hashable, Sendable, Codable {
        /// How it stands to the earlier scan.
        public let state: State
        /// The finding as it is now, or as it was where it is gone.
        public let finding: Finding
        /// How severe it was in the earlier scan; `nil` for what is new.
        public let earlierSeverity: Severity?

        /// Whether it is something to see to that was not there before, or was less severe.
        public var isWorse: Bool {
            guard state != .absent, finding.severity > .informational else { return false }
            return earlierSeverity.map { $0 < finding.severity } ?? true
        }
    }

    /// Every finding of either scan: new ones first, then the changed, the rest, and those that are gone.
    public let entries: [Entry]
    /// The grades before and now.
    public let earlierGrade, grade: ScanGrade?

    /// Compares by fingerprint; what a finding's sentence says does not matter.
    public init(from earlier: ScanSummary, to later: ScanSummary) {
        earlierGrade = earlier.grade
        grade = later.grade
        let before = Dictionary(earlier.findings.map { ($0.fingerprint, $0) }) { first, _ in first }
        let now = Set(later.findings.map(\.fingerprint))
        let present = later.findings.map { finding in
            guard let known = before[finding.fingerprint] else {
                return Entry(state: .new, finding: finding, earlierSeverity: nil)
            }
            let isSame = known.severity == finding.severity && known.evidence == finding.evidence
            return Entry(
                state: isSame ? .unchanged : .updated, finding: finding, earlierSeverity: known.severity)
        }
        let gone = earlier.findings.filter { !now.contains($0.fingerprint) }.map {
            Entry(state: .absent, finding: $0, earlierSeverity: $0.severity)
        }
        entries = State.allCases.flatMap { state in (present + gone).filter { $0.state == state } }
    }

    /// The findings in one state.
    public func findings(_ state: State) -> [Finding] { entries.filter { $0.state == state }.map(\.finding) }

    /// How each finding stands, by its fingerprint.
    public var states: [String: State] {
        Dictionary(entries.map { ($0.finding.fingerprint, $0.state) }) { first, _ in first }
    }

    /// Tells whether the later scan is worse: a finding that is more than a remark is new or more severe, or the grade fell.
    public var isWorse: Bool {
        if let earlierGrade, let grade, grade < earlierGrade { return true }
        return entries.contains(where: \.isWorse)
    }
}
