import Foundation
import Testing

/// The careful visitor, run from the command line against the running server.
@Suite(.enabled(if: Program.isBuilt))
struct ScanSiteTests {
    private struct Report: Decodable {
        struct Page: Decodable {
            let address: String
            let status: Int
            let rules: [Int]
        }
        struct Finding: Decodable {
            let rule: String
            let severity: String
        }
        let kind: String
        let end: String
        let pages: [Page]
        let findings: [Finding]
        let rules: [Int]
    }

    @Test func ourOwnPagesHaveNothingWrongWithThem() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder)
        let outcome = try Program.run(
            "scan", "site", "\(server.address)/sign-in", "--ca", folder["data/tls-certificate.pem"], "--format", "json",
            in: folder)
        #expect(outcome.status == 0, "\(outcome.text) \(outcome.messages)")
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output))
        #expect(report.kind == "site")
        #expect(report.end == "complete")
        #expect(report.pages.count > 1, "it follows links")
        #expect(report.findings.filter { $0.severity != "informational" }.map(\.rule) == [], "\(outcome.text)")
        #expect(report.rules.count >= 25)
    }

    @Test func aSiteOfStrangersIsNotHurried() throws {
        let outcome = try Program.run("scan", "site", "https://example.com", "--rate", "3")
        #expect(outcome.status == 2)
        #expect(outcome.messages.contains("twice a second"), "\(outcome.messages)")
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let folder = try Folder()
        try folder.write("[]", to: "libraries.json")
        let outcome = try Program.run(
            "scan", "site", "http://127.0.0.1:1/", "--retire", folder["libraries.json"], in: folder)
        #expect(outcome.status == 2)
        #expect(outcome.messages.contains("libraries.json"), "\(outcome.messages)")
        let nobody = try Program.run("scan", "site", "http://127.0.0.1:1/")
        #expect(nobody.status == 3, "\(nobody.messages)")
        for wrong in [
            ["--max-pages", "0"], ["--max-depth", "51"], ["--rate", "0"], ["--contact", "a\nb"], ["--header", "x"],
        ] {
            let outcome = try Program.run(["scan", "site", "http://127.0.0.1:1/"] + wrong)
            #expect(outcome.status == 2, "\(wrong): \(outcome.messages)")
        }
    }
}
