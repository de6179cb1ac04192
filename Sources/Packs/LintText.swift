import Kernel

/// The rules that need the policy's exact text: it is the right one, all of it is covered, and none of it is copied.
struct LintText {
    let pack: Pack
    let text: PolicyText
    let knowsAllSpans: Bool

    /// This many words in a row are a quotation; shorter ones happen by chance and in the names of things.
    private static let quotation = 8

    func check(_ problems: inout LintProblems) {
        guard text.bytes.count <= PackLimits.textBytes else {
            problems.add(
                "pack.text-too-large", "The text has \(text.bytes.count) bytes; a policy has at most 4 MiB.",
                atTextLine: 1)
            return
        }
        checkDigest(&problems)
        if String(validating: text.bytes, as: UTF8.self) == nil {
            problems.add("pack.text-not-utf8", "The text is not UTF-8.", atTextLine: 1)
        }
        if knowsAllSpans { checkCoverage(&problems) }
        checkWording(&problems)
    }

    private func checkDigest(_ problems: inout LintProblems) {
        let digest = pack.policy.text
        guard digest.bytes >= 0 else { return }
        let actual = Pack.TextDigest(of: text.bytes)
        if digest.bytes != text.bytes.count {
            problems.add(
                "pack.text-length", "The text has \(text.bytes.count) bytes, the pack says \(digest.bytes).",
                hint: "Every byte counts, the last line break too.", at: "policy.text.bytes")
        }
        if digest.sha256 != actual.sha256 {
            problems.add(
                "pack.text-hash", "This is not the text that the pack describes; its SHA-256 is \(actual.sha256).",
                hint:
                    "Take the exact text, or draft a pack for the new one and compare them with `vouchsafe policy diff`.",
                at: "policy.text.sha256")
        }
    }

    private func checkCoverage(_ problems: inout LintProblems) {
        // Counted at the edges, so that overlapping spans cost no more than others.
        var edges = [Int](repeating: 0, count: text.bytes.count + 1)
        for span in pack.spans where span.start < span.end && span.end <= text.bytes.count {
            edges[span.start] += 1
            edges[span.end] -= 1
        }
        var depth = 0
        let isCovered = edges.map { edge in
            depth += edge
            return depth > 0
        }
        for sentence in text.sentences {
            guard let start = sentence.first(where: { !isCovered[$0] && !isWhitespace(text.bytes[$0]) }) else {
                continue
            }
            let end = sentence[start...].first { isCovered[$0] } ?? sentence.upperBound
            problems.add(
                "pack.uncovered", "No span covers bytes \(start) to \(end): “\(text.excerpt(start..<end))”.",
                hint: "Add a span for it: a commitment, context, or unprovable.", atTextLine: text.line(of: start))
        }
    }

    /// What we write about a document says in our own words what it promises.
    private func checkWording(_ problems: inout LintProblems) {
        let original = words(of: text.bytes)
        guard !original.isEmpty else { return }
        var runs: Set<ArraySlice<String>> = []
        if original.count >= Self.quotation {
            for start in 0...(original.count - Self.quotation) { runs.insert(original[start..<start + Self.quotation]) }
        }
        let sentences = Set(text.sentences.map { ArraySlice(words(of: text.bytes[$0])) })
        for (field, written) in ownWords {
            let ours = words(of: written.utf8)
            let isSentence = ours.count >= 3 && sentences.contains(ours[...])
            let isQuotation =
                ours.count >= Self.quotation
                && (0...(ours.count - Self.quotation)).contains { runs.contains(ours[$0..<$0 + Self.quotation]) }
            if isSentence || isQuotation {
                problems.add(
                    "pack.copied-wording", "This repeats the document's wording; say it in your own words.", at: field)
            }
        }
    }

    private var ownWords: [(field: String, text: String)] {
        var texts: [(String, String)] = []
        for (index, span) in pack.spans.enumerated() {
            if let note = span.note { texts.append(("spans[\(index)].note", note)) }
            if let reason = span.reason { texts.append(("spans[\(index)].reason", reason)) }
        }
        for (index, commitment) in pack.commitments.enumerated() {
            texts.append(("commitments[\(index)].summary", commitment.summary))
            if let reason = commitment.unprovable { texts.append(("commitments[\(index)].unprovable", reason)) }
        }
        for (index, defect) in pack.defects.enumerated() { texts.append(("defects[\(index)].finding", defect.finding)) }
        return texts
    }
}
