import Testing
import WebPosture

@Suite("Lists that others keep")
struct ListTests {
    @Test(
        "the registered domain is the public suffix and one name before it",
        arguments: [
            ("www.example.com", "example.com"), ("example.com", "example.com"), ("a.b.example.co.uk", "example.co.uk"),
            ("co.uk", nil), ("com", nil), ("localhost", nil), ("127.0.0.1", nil),
            // A wildcard, and the exception from it.
            ("a.b.ck", "a.b.ck"), ("x.a.b.ck", "a.b.ck"), ("www.ck", "www.ck"), ("b.ck", nil),
            // Nobody's rule: the last name is the suffix.
            ("a.example.unlisted", "example.unlisted"),
            ("project.github.io", "github.io"),
        ] as [(String, String?)])
    func registeredDomain(host: String, domain: String?) {
        #expect(PublicSuffixes.embedded.registeredDomain(of: host) == domain)
    }

    @Test("what companies host for others counts as a suffix where that is asked")
    func privateSuffixes() {
        #expect(PublicSuffixes.embeddedWithPrivate.registeredDomain(of: "project.github.io") == "project.github.io")
    }

    @Test(
        "a host is preloaded by its own entry or by one above it that includes subdomains",
        arguments: [
            ("bugzilla.mozilla.org", true), ("x.bugzilla.mozilla.org", true), ("example.dev", true), ("dev", true),
            ("example.com", false), ("bugzilla.mozilla.or", false), ("a", false), ("", false), ("zzzzzz.zz", false),
        ])
    func preloaded(host: String, isPreloaded: Bool) {
        #expect((PreloadedHosts.embedded.entry(covering: host) != nil) == isPreloaded)
    }

    @Test("every line of a list is found, and nothing between them")
    func search() {
        let names = ["a", "a-b", "a.b", "ab", "b", "example.com", "zz"]
        let list = "# a list\n# of a day\n" + names.sorted().map { "\($0)\($0.count == 1 ? " *" : "")\n" }.joined()
        let hosts = PreloadedHosts(list: Array(list.utf8))
        for name in names {
            #expect(hosts.entry(covering: name)?.includesSubdomains == (name.count == 1), "\(name)")
        }
        for name in ["aa", "0", "a-", "zzz", "# a list"] { #expect(hosts.entry(covering: name) == nil, "\(name)") }
        #expect(hosts.entry(covering: "x.y.a") != nil)
        #expect(hosts.entry(covering: "x.ab") == nil)
    }
}
