import Testing

@testable import WebPosture

/// Tokens in one line: `<a href=x>`, `</a>`, `'text'`, `!comment`.
private func tokens(_ document: String) -> [String] {
    let bytes = Array(document.utf8)
    let text = { (range: Range<Int>) in String(decoding: bytes[range], as: UTF8.self) }
    return HTMLTokenizer(bytes).map { token in
        switch token {
        case .start(let tag):
            "<\(([tag.name] + tag.attributes.map { "\($0.name)=\($0.value)" }).joined(separator: " "))>"
        case .end(let name): "</\(name)>"
        case .text(let range): "'\(text(range))'"
        case .comment(let range): "!\(text(range))"
        }
    }
}

@Suite("Taking HTML apart")
struct HTMLTokenizerTests {
    @Test(
        "tags, text and comments are told apart as browsers do",
        arguments: [
            ("<p>x</p>", ["<p>", "'x'", "</p>"]),
            ("<A HREF=\"X\" Href=y>", ["<a href=X href=y>"]),
            ("<a href = 'x y' b c=d/>", ["<a href=x y b= c=d/>"]),
            ("<a/b/c>", ["<a b= c=>"]), ("<a =x>", ["<a =x=>"]), ("<a href=>t", ["<a href=>", "'t'"]),
            ("<a href=x>y", ["<a href=x>", "'y'"]), ("1 < 2 <3", ["'1 < 2 <3'"]),
            ("<!-- a > b -->c", ["! a > b ", "'c'"]), ("<!-->c", ["!", "'c'"]), ("<!--->c", ["!", "'c'"]),
            ("<!-- a --!>c", ["! a ", "'c'"]), ("<!-- a", ["! a"]), ("<!doctype html>c", ["!doctype html", "'c'"]),
            ("<?php x ?>c", ["!?php x ?", "'c'"]), ("</ x>c", ["! x", "'c'"]),
            ("<script>if (a<b) '</p>'</script>x", ["<script>", "'if (a<b) '</p>''", "</script>", "'x'"]),
            ("<script></scripty></SCRIPT >x", ["<script>", "'</scripty>'", "</script>", "'x'"]),
            ("<title><b>&amp;</title>", ["<title>", "'<b>&amp;'", "</title>"]),
            ("<script src=a></script>", ["<script src=a>", "</script>"]), ("<style>", ["<style>"]),
            ("<a href=\"x", []), ("<a", []), ("<", ["'<'"]), ("", []),
            ("<textarea><script>", ["<textarea>", "'<script>'"]),
        ])
    func documents(document: String, expected: [String]) { #expect(tokens(document) == expected) }

    @Test(
        "character references in values are resolved",
        arguments: [
            ("a&amp;b", "a&b"), ("a&ampb", "a&ampb"), ("?a=1&lt=2", "?a=1&lt=2"), ("&lt", "<"), ("&#x3a;&#58", "::"),
            ("javascript&colon;x", "javascript:x"), ("&unknown;", "&unknown;"), ("&#0;&#x110000;", "\u{FFFD}\u{FFFD}"),
            ("&", "&"), ("&#;", "&#;"), ("&sol;&Tab;", "/\t"),
        ])
    func references(text: String, resolved: String) {
        #expect(CharacterReferences.resolved(Array(text.utf8)[...]) == resolved)
    }
}
