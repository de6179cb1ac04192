/// The rules for spans: where they lie, and what each class may and must say.
struct LintSpans {
    let pack: Pack
    let text: PolicyText?
    let knowsAllCommitments: Bool

    func check(_ problems: inout LintProblems) {
        if pack.spans.isEmpty {
            problems.add("pack.no-spans", "The pack classifies nothing: it has no spans.", at: "spans")
        }
        let unprovable = Dictionary(pack.commitments.map { ($0.id, $0.unprovable != nil) }) { first, _ in first }
        for (index, span) in pack.spans.enumerated() {
            checkRange(span.start, span.end, "spans[\(index)].at", &problems)
            checkEdges(span, "spans[\(index)].at", &problems)
            checkClass(span, "spans[\(index)]", unprovable, &problems)
            checkNames(span, "spans[\(index)].commitments", unprovable, &problems)
            checkFinished(span.note, "spans[\(index)].note", &problems)
            checkFinished(span.reason, "spans[\(index)].reason", &problems)
        }
        for (index, defect) in pack.defects.enumerated() {
            checkRange(defect.start, defect.end, "defects[\(index)].at", &problems)
            checkFinished(defect.finding, "defects[\(index)].finding", &problems)
        }
        checkOverlaps(&problems)
    }

    private func checkRange(_ start: Int, _ end: Int, _ field: String, _ problems: inout LintProblems) {
        if start >= end {
            problems.add("pack.span-empty", "Bytes \(start) to \(end) hold nothing.", at: field)
        }
        let count = text?.bytes.count ?? pack.policy.text.bytes
        if count >= 0, end > count {
            problems.add(
                "pack.span-out-of-range", "Byte \(end) lies beyond the end of the text, which has \(count).", at: field)
        }
    }

    private func checkEdges(_ span: Pack.Span, _ field: String, _ problems: inout LintProblems) {
        guard let text, span.start < span.end, span.end <= text.bytes.count else { return }
        if isWhitespace(text.bytes[span.start]) || isWhitespace(text.bytes[span.end - 1]) {
            problems.add(
                "pack.span-whitespace", "The span starts or ends with whitespace.",
                hint: "Whitespace between sentences belongs to no span.", at: field)
        }
        if text.splitsCharacter(at: span.start) || text.splitsCharacter(at: span.end) {
            problems.add(
                "pack.span-splits-character", "The span starts or ends inside a character.",
                hint: "Offsets count bytes of UTF-8, not characters.", at: field)
        }
    }

    private func checkClass(
        _ span: Pack.Span, _ field: String, _ unprovable: [String: Bool], _ problems: inout LintProblems
    ) {
        switch span.spanClass {
        case .context:
            if !span.commitments.isEmpty {
                problems.add(
                    "pack.context-with-commitments", "Context promises nothing, so it names no commitments.",
                    hint: "Make it a commitment, or take the names away.", at: "\(field).commitments")
            }
        case .commitment:
            if span.commitments.isEmpty {
                problems.add("pack.span-without-commitments", "The span is a commitment but names none.", at: field)
            } else if span.commitments.allSatisfy({ unprovable[$0] == true }) {
                problems.add(
                    "pack.span-class",
                    "Everything that this span promises is unprovable, so it is `unprovable` itself.",
                    at: "\(field).class")
            }
        case .unprovable:
            if span.reason == nil {
                problems.add(
                    "pack.unprovable-without-reason", "Say why no evidence could show it: `reason` is missing.",
                    at: field)
            }
            if !span.commitments.contains(where: { unprovable[$0] != false }) {
                problems.add(
                    "pack.span-without-unprovable", "The span is unprovable but names no commitment that is.",
                    hint: "An unprovable promise is a promise: give it a commitment with `unprovable`.", at: field)
            }
        }
        if span.reason != nil, span.spanClass != .unprovable {
            problems.add(
                "pack.reason-without-unprovable", "Only an unprovable span has a reason.", at: "\(field).reason")
        }
    }

    private func checkNames(
        _ span: Pack.Span, _ field: String, _ unprovable: [String: Bool], _ problems: inout LintProblems
    ) {
        var seen: Set<String> = []
        for (index, name) in span.commitments.enumerated() {
            if !seen.insert(name).inserted {
                problems.add("pack.duplicate-name", "`\(name)` is named twice in one span.", at: "\(field)[\(index)]")
            }
            guard knowsAllCommitments, unprovable[name] == nil else { continue }
            problems.add(
                "pack.unknown-commitment", "There is no commitment `\(name)`.",
                hint: nearest(to: name, among: unprovable.keys.sorted()).map { "Did you mean `\($0)`?" },
                at: "\(field)[\(index)]")
        }
    }

    private func checkOverlaps(_ problems: inout LintProblems) {
        let order = pack.spans.indices.sorted { (pack.spans[$0].start, $0) < (pack.spans[$1].start, $1) }
        var furthest: Int?
        for index in order {
            let span = pack.spans[index]
            if let other = furthest, pack.spans[other].end > span.start, span.start < span.end {
                problems.add(
                    "pack.span-overlap",
                    "The span shares bytes \(span.start) to \(min(span.end, pack.spans[other].end)) with spans[\(other)].",
                    hint: "Each byte belongs to one span; a span can name several commitments.",
                    at: "spans[\(index)].at")
            }
            if span.end > furthest.map({ pack.spans[$0].end }) ?? -1 { furthest = index }
        }
    }

}

/// What a draft leaves for a person to write starts with this.
let unfinishedMark = "FILL IN"

func checkFinished(_ text: String?, _ field: String, _ problems: inout LintProblems) {
    guard let text, text.hasPrefix(unfinishedMark) else { return }
    problems.add("pack.unfinished", "This is still to be written: \(text.prefix(80))", at: field)
}
