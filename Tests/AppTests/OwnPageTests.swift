import Testing

@testable import App

/// Where a person goes on after a form is a page of ours, whatever a link says.
@Suite struct OwnPageTests {
    @Test(arguments: ["/people", "/people/0198c0de-0000-7000-8000-000000000001", "/a-b_c.d~e", "/"])
    func aPlainPathIsGoneTo(_ path: String) { #expect(OwnPage(path).path == path) }

    @Test(arguments: [
        nil, "", "people", "//evil.example", "/\\evil.example", "https://evil.example/", "/a?b=c", "/a#b", "/a b",
        "/a\r\nSet-Cookie: x=y", "/%2F/evil.example", "/\u{E9}", "javascript:alert(1)",
        "/" + String(repeating: "a", count: 512),
    ])
    func anythingElseLeadsToTheAccount(_ path: String?) { #expect(OwnPage(path).path == "/account") }
}
