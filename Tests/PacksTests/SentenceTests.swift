import Testing

@testable import Packs

@Suite("Sentences")
struct SentenceTests {
    static func split(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return SentenceSplitter(bytes: bytes).sentences().map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test(
        "end where a reader sees their end",
        arguments: [
            ("One. Two! Three?", ["One.", "Two!", "Three?"]),
            ("Heading\nA sentence.\n\nAnother", ["Heading", "A sentence.", "Another"]),
            (
                "We use tools (e.g. Drupal coder), and more. Then i.e. this.",
                ["We use tools (e.g. Drupal coder), and more.", "Then i.e. this."]
            ),
            ("Tools e.g. GIT are used. End.", ["Tools e.g. GIT are used.", "End."]),
            (
                "Tools, guides, etc. are used. Tools, etc. Next one.",
                ["Tools, guides, etc. are used.", "Tools, etc.", "Next one."]
            ),
            ("Version 1.2 is old. TLS 1.3. Fine.", ["Version 1.2 is old.", "TLS 1.3.", "Fine."]),
            ("Updated: Sep 2021Security Policy\nNext", ["Updated: Sep 2021", "Security Policy", "Next"]),
            ("It ends here.Next starts. Node.js goes on.", ["It ends here.", "Next starts.", "Node.js goes on."]),
            (
                "He said “Stop.” Then he left. \"Why?\" she said.",
                ["He said “Stop.”", "Then he left.", "\"Why?\" she said."]
            ),
            ("(All of it.) And more.", ["(All of it.)", "And more."]),
            ("Write to Dr. Smith or J. Smith. Done.", ["Write to Dr. Smith or J. Smith.", "Done."]),
            ("See No. 5 and Art. 32. No. That is all.", ["See No. 5 and Art. 32.", "No.", "That is all."]),
            (
                "# Heading\nText that goes on\nin small letters.\n- item one\n- item two. More.\n",
                ["# Heading", "Text that goes on\nin small letters.", "- item one", "- item two.", "More."]
            ),
            (
                "A line that is as wide as a page and was therefore wrapped by the\nEditor here. Next.",
                ["A line that is as wide as a page and was therefore wrapped by the\nEditor here.", "Next."]
            ),
            ("1. First item.\n2. Second item", ["1. First item.", "2. Second item"]),
            ("Done.\u{A0}\nNext.\u{A0}More", ["Done.\u{A0}", "Next.\u{A0}", "More"]),
            ("One line\r\nTwo. Three\r\n", ["One line", "Two.", "Three"]),
            ("Wait... What?! Yes", ["Wait...", "What?!", "Yes"]), ("  \n\t\r\n ", []), ("", []),
            (
                "Mail to a.b@example.org or see www.example.org. End",
                ["Mail to a.b@example.org or see www.example.org.", "End"]
            ),
        ])
    func end(text: String, sentences: [String]) {
        #expect(Self.split(text) == sentences)
    }

    @Test("lie one after the other and hold every byte that is not white space", arguments: 0..<300)
    func cover(seed: Int) {
        let bytes = RandomTexts.bytes(seed: UInt64(seed))
        var position = 0
        for sentence in SentenceSplitter(bytes: bytes).sentences() {
            #expect(sentence.lowerBound >= position && !sentence.isEmpty)
            #expect(bytes[position..<sentence.lowerBound].allSatisfy(isWhitespace))
            #expect(!isWhitespace(bytes[sentence.lowerBound]) && !isWhitespace(bytes[sentence.upperBound - 1]))
            position = sentence.upperBound
        }
        #expect(bytes[position...].allSatisfy(isWhitespace))
    }
}

/// Texts made of what sentences are made of, some of them with bytes that are no text at all.
enum RandomTexts {
    private static let pieces = [
        "We", "all", "encrypted", "guarantee", "Disk", "e.g.", "i.e", "etc.", ".", "!", "?", " ", " ", " ", "\n",
        "\n\n", "\r\n",
        "\t", "\u{A0}", "”", "“", "’", ")", "(", "\"", "'", "2021", "1.2", "#", "- ", "ü", "漢字", "🔒", "\u{2028}",
        "\u{FEFF}", "\u{85}",
        ":", "FILL IN", "{", "]", "&a", "*a", "%", "must", "firewall", "null", "~", "\u{1}", "A.", "…",
    ]

    static func bytes(seed: UInt64, isText: Bool = false) -> [UInt8] {
        var chance = Chance(state: seed &* 77)
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...80, using: &chance) {
            if !isText, seed.isMultiple(of: 3), Int.random(in: 0...5, using: &chance) == 0 {
                bytes.append(UInt8.random(in: 0...255, using: &chance))
            } else {
                bytes += Array((pieces.randomElement(using: &chance) ?? "").utf8)
            }
        }
        return bytes
    }
}
