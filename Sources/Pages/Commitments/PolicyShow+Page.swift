import Kernel
import Mustache
import Verdicts
import Wire

extension PageRenderer {
    /// A policy's text, every span marked by its class and its verdict.
    public func policy(_ detail: PolicyDetail, in frame: PageFrame) -> String {
        render(
            PolicyShowPage(detail: detail, opensCommitments: frame.reach.includes("evidence.read"), now: frame.now),
            in: frame)
    }
}

struct PolicyShowPage: Page {
    static let template = "policy-show"
    let detail: PolicyDetail
    let opensCommitments: Bool
    let now: Instant

    var title: String { detail.policy.title }
    var place: Place? { .policies }

    func child(named name: String) -> Any? {
        switch name {
        case "textHeading": hasText ? "The text, sentence by sentence" : "Where the promises stand"
        case "hasText": hasText
        case "hasDefects": !detail.defects.isEmpty
        case "defects": detail.defects.grouped(by: \.self).map(\.key)
        case "key": MarkingKey.all
        case "paragraphs": paragraphs
        case "address": nil
        default: PolicyCard(policy: detail.policy, now: now).child(named: name)
        }
    }

    private var hasText: Bool { detail.spans.contains { $0.text != nil } }

    private var paragraphs: [Paragraph] {
        var paragraphs: [Paragraph] = []
        var spans: [SpanDetail] = []
        for span in detail.spans {
            spans.append(span)
            if span.endsParagraph || !hasText {
                paragraphs.append(Paragraph(spans: spans, opensCommitments: opensCommitments))
                spans = []
            }
        }
        if !spans.isEmpty { paragraphs.append(Paragraph(spans: spans, opensCommitments: opensCommitments)) }
        return paragraphs
    }
}

/// One line of the key to the marking.
private struct MarkingKey: MustacheParent {
    let verdict: Verdict?

    static let all = Verdict.allCases.map { MarkingKey(verdict: $0) } + [MarkingKey(verdict: nil)]

    func child(named name: String) -> Any? {
        switch name {
        case "isVerdict": verdict != nil
        case "name": verdict?.rawValue
        case "word": verdict?.word
        default: nil
        }
    }
}

/// Spans up to a line break, with the commitments they make beside them.
private struct Paragraph: MustacheParent {
    let spans: [SpanDetail]
    let opensCommitments: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "spans": spans.map { SpanView(span: $0, opensCommitments: opensCommitments) }
        case "hasNotes": !notes.isEmpty
        case "notes": notes
        default: nil
        }
    }

    private var notes: [SideNote] {
        var seen: Set<CommitmentReference> = []
        return spans.flatMap { span -> [SideNote] in
            var own = span.commitments.filter { seen.insert($0).inserted }.map { commitment in
                SideNote(
                    verdict: commitment.verdict, text: commitment.summary,
                    address: opensCommitments ? Address.commitment(commitment.policy, commitment.id) : nil)
            }
            if let reason = span.reason {
                if own.isEmpty {
                    own = [SideNote(verdict: span.spanClass == "unprovable" ? .unprovable : nil, text: reason)]
                } else {
                    own[own.count - 1].reason = reason
                }
            }
            if !own.isEmpty { own[0].anchor = "span-\(span.start)" }
            return own
        }
    }
}

/// One commitment, or one reason, beside the text.
private struct SideNote: MustacheParent {
    let verdict: Verdict?
    let text: String
    var address: String?
    var reason: String?
    var anchor = ""

    func child(named name: String) -> Any? {
        switch name {
        case "hasMark": verdict != nil
        case "name": verdict?.rawValue
        case "word": verdict?.word
        case "noteText": text
        case "noteReason": reason ?? false
        case "address": address ?? false
        case "hasAnchor": !anchor.isEmpty
        case "anchor": anchor
        default: nil
        }
    }
}

/// One span of the text as it is shown.
private struct SpanView: MustacheParent {
    let span: SpanDetail
    let opensCommitments: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "name": verdict?.rawValue ?? "context"
        case "word": verdict?.word ?? "Context"
        case "isMarked": verdict != nil
        case "words": span.text ?? "Bytes \(grouped(span.start)) to \(grouped(span.end))"
        case "address": address ?? false
        default: nil
        }
    }

    /// The worst of the verdicts of what it promises.
    private var verdict: Verdict? {
        let worst = span.commitments.map(\.verdict).min { $0.urgency < $1.urgency }
        return worst ?? (span.spanClass == "unprovable" ? .unprovable : nil)
    }

    private var address: String? {
        if span.commitments.count > 1 { return "#span-\(span.start)" }
        guard opensCommitments else { return nil }
        return span.commitments.first.map { Address.commitment($0.policy, $0.id) }
    }
}
