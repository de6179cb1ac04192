import Kernel

/// Makes a pack to edit out of a policy's text: every sentence is covered, with a proposed class and proposed checks.
///
/// What only a person can write stands there as `FILL IN: …`; lint reports exactly these places and nothing else.
public enum PackDraft {
    /// The YAML text of the draft.
    ///
    /// - Parameters:
    ///   - text: the policy's exact bytes, at most 4 MiB.
    ///   - catalogue: what this installation can measure.
    /// - Throws: a problem if the text holds nothing, or more than one pack can describe.
    public static func draft(_ text: [UInt8], catalogue: [Check]) throws(Problem) -> String {
        guard text.count <= PackLimits.textBytes else {
            throw Problem(
                .tooLarge, code: "draft.too-large", "The text has \(text.count) bytes; at most 4 MiB are read.")
        }
        var drafting = Drafting(text: PolicyText(text), catalogue: DraftCatalogue(catalogue))
        drafting.addSentences()
        guard !drafting.spans.isEmpty else {
            throw Problem(.invalid, code: "draft.empty", "The text holds nothing but whitespace.")
        }
        let yaml = PackWriter.text(of: drafting.pack(), remarks: drafting.remarks)
        guard drafting.spans.count <= PackLimits.spans, drafting.commitments.count <= PackLimits.commitments,
            yaml.utf8.count <= PackLimits.fileBytes
        else {
            throw Problem(
                .tooLarge, code: "draft.too-long", "The text has more sentences than one pack describes.",
                hint: "Divide it into several policies.")
        }
        return yaml
    }
}

/// A draft in the making: goes through the sentences once and remembers under which heading they stand.
private struct Drafting {
    let text: PolicyText
    let catalogue: DraftCatalogue
    private(set) var spans: [Pack.Span] = []
    private(set) var commitments: [Pack.Commitment] = []
    private(set) var remarks: [String: String] = [:]
    private var section = "Introduction"
    private var title: String?
    /// How often each id was proposed.
    private var idCounts: [String: Int] = [:]
    private var ids: Set<String> = []

    init(text: PolicyText, catalogue: DraftCatalogue) {
        self.text = text
        self.catalogue = catalogue
    }

    mutating func addSentences() {
        for sentence in text.sentences {
            // One more than a pack may have is enough to refuse the text.
            guard spans.count <= PackLimits.spans, commitments.count <= PackLimits.commitments else { return }
            add(sentence)
        }
    }

    func pack() -> Pack {
        let name = title ?? "\(unfinishedMark): the policy's title"
        return Pack(
            policy: Pack.Policy(
                id: slug(of: title ?? "policy", limit: 48) ?? "policy", title: name,
                issuer: "\(unfinishedMark): who published it", version: "\(unfinishedMark): its version or date",
                text: Pack.TextDigest(of: text.bytes)),
            spans: spans, commitments: commitments)
    }

    private mutating func add(_ sentence: Range<Int>) {
        let bytes = text.bytes[sentence]
        let isHeading = isHeading(bytes)
        if isHeading { enter(sentence) }
        let proposal = DraftProposal(
            of: words(of: bytes), text: String(decoding: bytes, as: UTF8.self), isHeading: isHeading,
            catalogue: catalogue)
        remarks["spans[\(spans.count)]"] = remark(on: sentence)
        var span = Pack.Span(start: sentence.lowerBound, end: sentence.upperBound, spanClass: proposal.spanClass)
        switch proposal.spanClass {
        case .context: span.note = proposal.reason
        case .unprovable:
            span.reason = proposal.reason
            span.commitments = [addCommitment(for: proposal, at: sentence)]
        case .commitment: span.commitments = [addCommitment(for: proposal, at: sentence)]
        }
        spans.append(span)
    }

    private func remark(on sentence: Range<Int>) -> String {
        "line \(text.line(of: sentence.lowerBound)): \(text.excerpt(sentence, limit: 90))"
    }

    private mutating func addCommitment(for proposal: DraftProposal, at sentence: Range<Int>) -> String {
        let id = newID(for: proposal)
        let isUnprovable = proposal.spanClass == .unprovable
        remarks["commitments[\(commitments.count)]"] = remark(on: sentence)
        commitments.append(
            Pack.Commitment(
                id: id, section: section, summary: "\(unfinishedMark): this promise in your own words",
                owner: "security",
                unprovable: isUnprovable ? proposal.reason : nil, checks: isUnprovable ? [] : checks(for: proposal)))
        return id
    }

    private func checks(for proposal: DraftProposal) -> [Pack.CheckUse] {
        guard proposal.checks.isEmpty else {
            return proposal.checks.map {
                Pack.CheckUse(check: $0.id, population: $0.population, freshness: $0.freshness)
            }
        }
        return [
            Pack.CheckUse(
                check: "evidence.to-be-named", population: .organisation, freshness: .days(90),
                needs: "\(unfinishedMark): what would show that this is kept")
        ]
    }

    private mutating func newID(for proposal: DraftProposal) -> String {
        let single = proposal.checks.count == 1 ? slug(of: afterLastPoint(proposal.checks[0].id), limit: 48) : nil
        let base = single ?? slug(of: section, limit: 40) ?? "commitment"
        var count = idCounts[base, default: 0]
        var id = ""
        repeat {
            count += 1
            id = count == 1 && single != nil ? base : "\(base)-\(count)"
        } while !ids.insert(id).inserted
        idCounts[base] = count
        return id
    }

    private func afterLastPoint(_ id: CheckID) -> String {
        id.rawValue.split(separator: ".").last.map(String.init) ?? id.rawValue
    }

    private mutating func enter(_ heading: Range<Int>) {
        var name = text.excerpt(heading, limit: 160)[...]
        while let first = name.first, "#*_=- ".contains(first) { name.removeFirst() }
        while let last = name.last, "#*_=-: ".contains(last) { name.removeLast() }
        guard !words(of: name.utf8).isEmpty else { return }
        section = String(name)
        if title == nil { title = section }
    }

    /// Marked as a heading; or short, without a full stop, no item of a list, and not worded like a promise.
    private func isHeading(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        if first == UInt8(ascii: "#") { return true }
        let isItem =
            [UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+")].contains(first) || bytes.starts(with: "•".utf8)
        let isStopped = [UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ";")].contains(last)
        let words = words(of: bytes)
        return !isItem && !isStopped && bytes.count <= 80 && words.count <= 10
            && !DraftProposal.soundsLikePromise(words)
    }

    /// The first words of `name` as an id.
    private func slug(of name: String, limit: Int) -> String? {
        var slug = ""
        for word in words(of: name.utf8) where !(slug.isEmpty && word.utf8.allSatisfy { $0 < 0x3A }) {
            let longer = slug.isEmpty ? word : "\(slug)-\(word)"
            guard longer.utf8.count <= limit else { break }
            slug = longer
        }
        return slug.isEmpty ? nil : slug
    }
}
