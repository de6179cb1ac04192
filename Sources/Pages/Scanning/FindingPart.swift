import Kernel
import Mustache
import ScanResults

/// A finding as it is shown: how bad it is by word, shape and colour, what was seen, and what to do.
struct FindingPart: MustacheParent {
    let finding: Finding
    var state: ScanComparison.State?

    func child(named name: String) -> Any? {
        switch name {
        case "severity": finding.severity.rawValue
        case "severityWord": finding.severity.word
        case "titleWords": finding.title
        case "message": finding.message
        case "address": finding.location.address
        case "part": finding.location.part ?? false
        case "evidenceText": finding.evidence ?? false
        case "advice": finding.fix?.advice ?? false
        case "hasSnippets": !(finding.fix?.snippets.isEmpty ?? true)
        case "snippets": snippets
        case "rule": finding.rule
        case "weakness": finding.weakness ?? false
        case "zapRule": finding.zapRule ?? false
        case "fingerprint": finding.fingerprint
        case "state": state.flatMap { $0 == .unchanged ? nil : $0.rawValue } ?? false
        default: nil
        }
    }

    private var snippets: [SnippetPart] {
        Fix.Server.allCases.compactMap { server in
            finding.fix?.snippet(for: server).map { SnippetPart(server: server.title, lines: $0) }
        }
    }
}

private struct SnippetPart: MustacheParent {
    let server: String
    let lines: String

    func child(named name: String) -> Any? {
        switch name {
        case "server": server
        case "lines": lines
        default: nil
        }
    }
}

extension Severity {
    var word: String {
        switch self {
        case .informational: "Remark"
        case .low: "Low"
        case .medium: "Medium"
        case .high: "High"
        case .critical: "Critical"
        }
    }
}
