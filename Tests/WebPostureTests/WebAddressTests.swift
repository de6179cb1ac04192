import Testing
import WebPosture

@Suite("Addresses of the web")
struct WebAddressTests {
    @Test(
        "an address is read as browsers read it",
        arguments: [
            ("http://example.com", "http://example.com/"), ("HTTPS://EXAMPLE.com:443/A?B#c", "https://example.com/A?B"),
            ("http:\\\\example.com\\a\\b", "http://example.com/a/b"),
            ("http:///example.com//x", "http://example.com//x"),
            (" \t http://exa\nmple.com/\ra ", "http://example.com/a"), ("http://example.com:/", "http://example.com/"),
            ("http://example.com:8080/x y", "http://example.com:8080/x%20y"),
            ("http://example.com/a/./b/../c/%2e%2E/d", "http://example.com/a/d"),
            ("http://example.com/../../a/..", "http://example.com/"),
            ("http://example.com/é?ü='<>", "http://example.com/%C3%A9?%C3%BC=%27%3C%3E"),
            ("http://bücher.example/", "http://xn--bcher-kva.example/"), ("http://faß.de", "http://xn--fa-hia.de/"),
            ("http://ＥＸＡＭＰＬＥ.com", "http://example.com/"), ("http://ex%61mple.com", "http://example.com/"),
            ("http://127.1/", "http://127.0.0.1/"), ("http://0x7f000001/", "http://127.0.0.1/"),
            ("http://2130706433", "http://127.0.0.1/"), ("http://0177.0.0.0x1", "http://127.0.0.1/"),
            ("http://[::1]:8080/", "http://[::1]:8080/"), ("http://[0:0:0:1:0:0:0:1]/", "http://[::1:0:0:0:1]/"),
            ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
            ("http://example.com./a", "http://example.com./a"), ("https://a_b.example/", "https://a_b.example/"),
            ("http://example.com?a=1", "http://example.com/?a=1"), ("http://example.com?", "http://example.com/?"),
        ])
    func absolute(text: String, spelled: String) {
        #expect(WebAddress(text)?.description == spelled)
        #expect(WebAddress(spelled)?.description == spelled)
    }

    @Test(
        "what is no address, or carries a secret, is refused",
        arguments: [
            "", "example.com", "/a", "ftp://example.com/", "mailto:a@example.com", "javascript:alert(1)", "http://",
            "http://user@example.com/", "http://user:word@example.com/", "http://example.com:0/",
            "http://example.com:65536/", "http://example.com:8o/", "http://exa mple.com/", "http://[::1/",
            "http://[1]/",
            "http://[fe80::1%eth0]/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://0x1ffffffff/", "http://a..b/",
            "http://.a/", "http://a%00b/", "http://a%2fb/", "http://" + String(repeating: "a", count: 9000),
        ])
    func refused(text: String) {
        #expect(WebAddress(text) == nil)
    }

    @Test(
        "a reference is resolved against the page it stands on",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"),
            ("../..", "http://a/"), ("../../../g", "http://a/g"), ("/./g", "http://a/g"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("http:g", "http://a/b/c/g"), ("https:g", "https://g/"), ("\\g", "http://a/g"), ("\\\\g/x", "http://g/x"),
            ("https://b/x", "https://b/x"), ("a:b", nil), ("mailto:x@y", nil), ("data:text/html,x", nil),
            ("http://u@h/", nil),
        ] as [(String, String?)])
    func reference(text: String, spelled: String?) {
        #expect(WebAddress("http://a/b/c/d;p?q")?.resolving(text)?.description == spelled)
    }

    @Test("the origin is scheme, host and port, each spelled as short as it goes")
    func origin() throws {
        let address = try #require(WebAddress("https://[::1]:8443/a?b"))
        #expect(address.origin == "https://[::1]:8443")
        #expect(address.lookupHost == "::1")
        #expect(address.target == "/a?b")
        #expect(WebAddress("https://a:443/")?.origin == "https://a")
        #expect(WebAddress("https://a/")?.hasSameOrigin(as: try #require(WebAddress("http://a/"))) == false)
    }
}
