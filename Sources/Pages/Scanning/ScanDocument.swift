import Kernel
import Mustache
import ScanResults

extension PageRenderer {
    /// A scan as one file that needs nothing else: to send, to print, to keep.
    ///
    /// - Parameters:
    ///   - summary: What the scan found.
    ///   - details: Facts that only this kind of scan has, each with its name.
    ///   - comparison: How it stands to an earlier scan, if there is one.
    public func scanDocument(
        _ summary: ScanSummary, details: [(name: String, value: String)] = [],
        comparedBy comparison: ScanComparison? = nil
    ) -> String {
        let page = ScanDocumentPage(summary: summary, details: details, comparison: comparison)
        let document = render(page, in: PageFrame(organisation: "", now: summary.finishedAt))
        let style = PageAsset.named("style.css").map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        // A file has no server to fetch its style from. The style is ours and holds no end tag.
        return document.replacing("</title>", with: "</title>\n<style>\n\(style)</style>", maxReplacements: 1)
    }
}

private struct ScanDocumentPage: Page {
    static let template = "scan-document"
    let summary: ScanSummary
    let details: [(name: String, value: String)]
    let comparison: ScanComparison?

    var title: String { "\(summary.kind.title) of \(summary.target)" }

    func child(named name: String) -> Any? {
        switch name {
        case "kindWords": summary.kind.title
        case "target": summary.target
        case "grade": summary.grade?.rawValue ?? false
        case "score": summary.score ?? false
        case "finishedAt": Moment(summary.finishedAt, now: nil)
        case "details": details.map { FactPart(name: $0.name, value: $0.value) }
        case "findings": findings
        case "hasFindings": !summary.findings.isEmpty
        case "count": summary.findings.count
        case "remarks": summary.remarks
        case "hasRemarks": !summary.remarks.isEmpty
        case "gone": comparison?.findings(.absent).map { FindingPart(finding: $0, state: .absent) } ?? []
        case "hasGone": !(comparison?.findings(.absent).isEmpty ?? true)
        default: nil
        }
    }

    private var findings: [FindingPart] {
        let states = comparison?.states ?? [:]
        return summary.findings.map { FindingPart(finding: $0, state: states[$0.fingerprint]) }
    }
}

/// A name and its value.
struct FactPart: MustacheParent {
    let name: String
    let value: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "value": value
        default: nil
        }
    }
}

extension ScanSummary.Kind {
    var title: String {
        switch self {
        case .web: "Web posture"
        case .tls: "TLS posture"
        case .site: "Passive scan"
        }
    }
}
