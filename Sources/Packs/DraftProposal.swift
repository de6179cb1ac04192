import Kernel

/// What a draft proposes for one sentence: its class, and for a promise the checks whose keywords it speaks.
struct DraftProposal {
    let spanClass: Pack.SpanClass
    /// Why, for context and the unprovable.
    let reason: String?
    let checks: [Check]

    init(of words: [String], text: String, isHeading: Bool, catalogue: DraftCatalogue) {
        let speech = " " + words.joined(separator: " ") + " "
        let checks = isHeading ? [] : catalogue.checks(for: words)
        self.checks = checks
        if words.isEmpty {
            spanClass = .context
            reason = "no words"
        } else if isHeading {
            spanClass = .context
            reason = "heading"
        } else if let reason = Self.contexts.first(where: { speech.hasPrefix(" \($0.opening) ") })?.reason {
            spanClass = .context
            self.reason = reason
        } else if let word = Self.unprovable.first(where: { speech.contains(" \($0) ") }) ?? Self.hundredPercent(text) {
            spanClass = .unprovable
            reason = "the word “\(word)” claims more than evidence can show"
        } else if !checks.isEmpty || Self.soundsLikePromise(words) {
            spanClass = .commitment
            reason = nil
        } else {
            // A promise that a draft takes for context would be lost unseen, so a person has to say that it is none.
            spanClass = .context
            reason = "\(unfinishedMark): why this promises nothing, or make it a commitment"
        }
    }

    private static func hundredPercent(_ text: String) -> String? {
        text.contains("100%") || text.contains("100 %") ? "100 %" : nil
    }

    /// Tells whether `words` speak the way promises do.
    static func soundsLikePromise(_ words: [String]) -> Bool {
        let speech = " " + words.joined(separator: " ") + " "
        return promises.contains { speech.contains(" \($0) ") } || isStatement(words)
    }

    /// “All backups are tested”: everything of a kind, or something of ours, and what is true of it.
    private static func isStatement(_ words: [String]) -> Bool {
        let subject = words.prefix(4).contains { ["all", "every", "each", "our", "any", "no", "only"].contains($0) }
        let verb = words.contains { ["is", "are", "has", "have", "gets", "get"].contains($0) }
        return subject && verb
    }

    private static let unprovable = [
        "guarantee", "guarantees", "guaranteed", "bug free", "error free", "never", "unparalleled", "unbreakable",
        "impossible", "world class", "best in class", "military grade", "bank grade", "completely secure",
        "totally secure",
        "absolutely", "zero risk", "risk free", "unhackable", "flawless", "perfect", "100 percent",
    ]
    private static let contexts: [(opening: String, reason: String)] = [
        ("we believe", "a belief, not a promise"), ("we strongly believe", "a belief, not a promise"),
        ("we understand", "an attitude, not a promise"), ("we value", "an attitude, not a promise"),
        ("we aim", "an aim, not a promise"), ("we strive", "an aim, not a promise"),
        ("we hope", "an aim, not a promise"),
        ("our goal", "an aim, not a promise"), ("our mission", "an aim, not a promise"),
        ("you should", "advice to the reader"),
        ("you may", "advice to the reader"), ("please", "a request to the reader"), ("by using", "binds the reader"),
        ("if you do not", "binds the reader"), ("this policy outlines", "says what the document is about"),
        ("this page", "says what the document is about"), ("this document", "says what the document is about"),
    ]
    private static let promises = [
        "must", "shall", "will", "ensure", "ensures", "require", "requires", "required", "we", "our team",
        "responsible",
        "always", "regularly", "monitor", "monitors", "monitored", "encrypted", "logged", "restricted", "reviewed",
        "tested",
        "protected", "notify", "notifies", "performs", "tracks", "prohibited", "forbidden", "disabled", "enabled",
    ]
}

/// The installation's checks, ready to be recognised in sentences.
struct DraftCatalogue {
    private let checks: [(check: Check, keywords: [[String]])]

    init(_ catalogue: [Check]) {
        checks = catalogue.map { check in (check, check.keywords.map { words(of: $0.utf8) }.filter { !$0.isEmpty }) }
    }

    /// The checks that `sentence` speaks of, those with the most keywords first, at most five.
    func checks(for sentence: [String]) -> [Check] {
        var found: [(check: Check, hits: Int)] = []
        for (check, keywords) in checks {
            let hits = keywords.count { occurs($0, in: sentence) }
            if hits > 0 { found.append((check, hits)) }
        }
        return found.sorted { ($1.hits, $0.check.id) < ($0.hits, $1.check.id) }.prefix(5).map(\.check)
    }

    /// Word by word; the last one may go on, so that “encrypt” finds “encrypted”.
    private func occurs(_ keyword: [String], in sentence: [String]) -> Bool {
        guard let last = keyword.last, sentence.count >= keyword.count else { return false }
        for start in 0...(sentence.count - keyword.count) {
            let end = start + keyword.count - 1
            guard sentence[start..<end].elementsEqual(keyword.dropLast()) else { continue }
            if sentence[end] == last || last.utf8.count >= 4 && sentence[end].hasPrefix(last) { return true }
        }
        return false
    }
}
