import Kernel
import Testing

@testable import App

@Suite struct SecurityContactTests {
    private static let now = Instant("2026-03-01T11:22:33Z") ?? .distantPast

    @Test func theFileSaysWhoUntilWhenInWhichLanguageAndWhereItStands() throws {
        let contact = try SecurityContact("security@example.org", server: "https://trust.example.org/")
        #expect(
            contact.text(at: Self.now) == """
                Contact: mailto:security@example.org
                Expires: 2026-08-29T00:00:00.000Z
                Preferred-Languages: en
                Canonical: https://trust.example.org/.well-known/security.txt

                """)
    }

    @Test(arguments: [
        ("security@example.org", "mailto:security@example.org"), ("mailto:a@example.org", "mailto:a@example.org"),
        ("https://example.org/report", "https://example.org/report"), ("tel:+1-201-555-0123", "tel:+1-201-555-0123"),
    ])
    func aContactIsAnAddressThatOneCanWriteTo(given: String, written: String) throws {
        #expect(try SecurityContact(given).text(at: Self.now).hasPrefix("Contact: \(written)\nExpires: "))
    }

    @Test(arguments: [
        "", "ada", "http://example.org", "mailto:", "javascript:alert(1)@x",
        "a@example.org\nPolicy: https://evil.example",
        "a b@example.org", "ä@example.org",
    ])
    func anythingElseIsRefused(contact: String) {
        #expect(throws: Problem.self) { try SecurityContact(contact) }
    }

    @Test(arguments: [
        "trust.example.org", "http://trust.example.org", "https://", "https://a/b", "https://a?b", "https://u@a",
    ])
    func aServerIsAnOriginOverHTTPS(server: String) {
        #expect(throws: Problem.self) { try SecurityContact("a@example.org", server: server) }
    }
}
