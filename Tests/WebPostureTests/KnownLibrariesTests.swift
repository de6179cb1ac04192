import Kernel
import ScanResults
import Testing
import WebPosture

@Suite("JavaScript libraries with known holes")
struct KnownLibrariesTests {
    private static let file = #"""
        {
          "dont check": { "extractors": { "uri": [ "^http[s]?://ok\\.example/" ] } },
          "jquery": {
            "vulnerabilities": [
              { "below": "1.6.3", "severity": "medium", "identifiers": { "CVE": ["CVE-2011-4969"], "summary": "XSS" },
                "cwe": ["CWE-79"], "info": ["https://example.com/"] },
              { "atOrAbove": "1.12.0", "below": "3.5.0", "severity": "high", "identifiers": { "CVE": ["CVE-2020-11022"] } }
            ],
            "extractors": {
              "uri": [ "/(§§version§§)/jquery(\\.min)?\\.js" ],
              "filename": [ "jquery-(§§version§§)(\\.min)?\\.js" ],
              "filecontent": [ "/\\*!? jQuery v(§§version§§)" ],
              "filecontentreplace": [ "/jQuery ([0-9]+)x([0-9]+)/$1.$2/" ],
              "hashes": { "a9993e364706816aba3e25717850c26c9cd0d89d": "1.6.0" }
            }
          },
          "ranged": {
            "vulnerabilities": [
              { "ranges": [ { "below": "1.0.5" }, { "atOrAbove": "2.0.0", "below": "2.1.0" } ], "summary": "S", "severity": "low",
                "identifiers": { "githubID": "GHSA-x" } }
            ],
            "extractors": { "filename": [ "ranged@(§§version§§)" ] }
          },
          "evil": { "vulnerabilities": [], "extractors": { "filecontent": [ "(a+)+$(§§version§§)", "(unclosed" ] } },
          "odd": 7
        }
        """#

    private let libraries: KnownLibraries

    init() throws { libraries = try KnownLibraries(Array(Self.file.utf8)) }

    private func page(_ body: String, type: String = "text/html", at address: String = "https://example.com/") throws
        -> PassivePage
    {
        PassivePage(
            PageExchange(
                WebRequest(try #require(WebAddress(address))),
                WebResponse(status: 200, headers: [("Content-Type", type)], body: Array(body.utf8))),
            at: Instant(milliseconds: 0))
    }

    @Test(
        "a library is recognised by address, by name and by content",
        arguments: [
            ("<script src=/js/jquery-1.6.0.min.js></script>", ["jquery 1.6.0 has known holes: CVE-2011-4969."]),
            (
                "<script src='https://cdn.example/3.4.1/jquery.js?x=1'></script>",
                ["jquery 3.4.1 has known holes: CVE-2020-11022."]
            ),
            ("<script>/*! jQuery v1.4 */</script>", ["jquery 1.4 has known holes: CVE-2011-4969."]),
            ("<script>jQuery 1x5</script>", ["jquery 1.5 has known holes: CVE-2011-4969."]),
            ("<script>abcd</script>", []), ("<script src=/jquery-3.5.0.js></script>", []),
            ("<script src=/jquery-1.6.3.js></script>", []),
            ("<script src=/ranged@1.0.4></script>", ["ranged 1.0.4 has known holes: GHSA-x."]),
            ("<script src=/ranged@1.0.5></script><script src=/ranged@2.1.0></script>", []),
            ("<script src=/ranged@2.0.0></script>", ["ranged 2.0.0 has known holes: GHSA-x."]),
            ("<script src=/jquery-3.5.0-beta.js></script>", ["jquery 3.5.0-beta has known holes: CVE-2020-11022."]),
            ("<script src=https://ok.example/jquery-1.0.js></script>", []),
        ])
    func recognised(body: String, messages: [String]) throws {
        let findings = libraries.findings(on: try page(body))
        #expect(findings.map(\.message) == messages)
        #expect(findings.allSatisfy { $0.zapRule == 10003 && $0.rule == "site.10003" })
    }

    @Test("a script that was fetched is recognised by its content, or by the hash of it")
    func fetched() throws {
        let byText = libraries.findings(
            on: try page("/*! jQuery v1.5 */", type: "text/javascript", at: "https://example.com/a.js"))
        #expect(byText.map(\.severity) == [.medium])
        #expect(byText.first?.weakness == 79)
        #expect(
            libraries.recognised(in: Array("abc".utf8)) == [KnownLibraries.Recognised(name: "jquery", version: "1.6.0")]
        )
    }

    @Test("a hostile pattern or text costs little, and what cannot be run is told")
    func bounded() {
        #expect(libraries.unreadable == 1)
        #expect(libraries.recognised(in: [UInt8](repeating: 0x61, count: 1 << 20)) == [])
    }

    @Test("a file that is none is refused", arguments: ["", "[]", "{", "7"])
    func refused(text: String) {
        let problem = #expect(throws: Problem.self) { try KnownLibraries(Array(text.utf8)) }
        #expect(problem?.code == "scan.libraries")
    }
}
