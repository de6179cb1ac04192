import Foundation
import Testing

/// The scanner, pointed at the running server.
@Suite(.enabled(if: Program.isBuilt))
struct ScanWebTests {

    private func trusted(_ folder: Folder) -> String { folder["data/tls-certificate.pem"] }

    @Test func ourOwnPagesScoreAtLeast130() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder)
        for path in ["/sign-in", "/trust/desk", "/"] {
            let outcome = try Program.run(
                "scan", "web", "\(server.address)\(path)", "--ca", trusted(folder), "--format", "json", in: folder)
            #expect(outcome.status == 0, "\(path): \(outcome.text) \(outcome.messages)")
            let report = try #require(outcome.json as? [String: Any])
            #expect(report["grade"] as? String == "A+", "\(path)")
            #expect(try #require(report["score"] as? Int) >= 130, "\(path): \(outcome.text)")
            #expect(report["original"] == nil, "Mozilla's own scanner would say the same")
        }
    }

    @Test func aFindingIsKnownAgainAndItsEndIsTold() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder)
        let first = try Program.run("scan", "web", server.address, "--format", "json", in: folder)
        #expect(first.status == 1, "a certificate that nobody trusts is a finding: \(first.text)")
        try folder.write(first.output, to: "first.json")

        let again = try Program.run(
            "scan", "web", server.address, "--format", "json", "--baseline", folder["first.json"], in: folder)
        #expect(again.status == 0, "what was there before fails nothing: \(again.messages)")
        try folder.write(again.output, to: "again.json")
        let same = try Program.run("scan", "diff", folder["first.json"], folder["again.json"], in: folder)
        #expect(same.status == 0)
        #expect(same.text.hasPrefix("Grade B+, as before."), "\(same.text)")

        let mended = try Program.run(
            "scan", "web", server.address, "--ca", trusted(folder), "--baseline", folder["first.json"], in: folder)
        #expect(mended.text.contains("Gone since the earlier scan (1)"), "\(mended.text)")
        let worse = try Program.run(
            "scan", "web", server.address, "--ca", trusted(folder), "--format", "json", in: folder)
        try folder.write(worse.output, to: "good.json")
        #expect(try Program.run("scan", "diff", folder["good.json"], folder["first.json"], in: folder).status == 1)
    }

    @Test func whatMakesTheProgramFailIsChosen() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder)
        for (choice, status) in [
            ("never", 0), ("critical", 0), ("high", 1), ("low", 1), ("A+", 1), ("B+", 0), ("C", 0), ("nonsense", 2),
        ] as [(String, Int32)] {
            let outcome = try Program.run("scan", "web", server.address, "--fail-on", choice, in: folder)
            #expect(outcome.status == status, "\(choice): \(outcome.text) \(outcome.messages)")
        }
    }

    @Test func oneFileHoldsAWholeReport() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder)
        let page = try Program.run("scan", "web", server.address, "--format", "html", "--fail-on", "never", in: folder)
        #expect(page.text.contains("<h1>\(server.address)</h1>"))
        #expect(page.text.contains("ssl_certificate") || page.text.contains("return 301 https://"))
        for outside in ["<link", "<script", " src=", "@import", "url("] {
            #expect(!page.text.contains(outside), "\(outside)")
        }
    }

    @Test(.enabled(if: SARIFModel.isInstalled))
    func theInterchangeFormatIsValid() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder)
        let first = try Program.run("scan", "web", server.address, "--format", "json", in: folder)
        try folder.write(first.output, to: "first.json")
        let plain = try Program.run("scan", "web", server.address, "--format", "sarif", in: folder)
        let compared = try Program.run(
            "scan", "web", server.address, "--ca", trusted(folder), "--format", "sarif", "--baseline",
            folder["first.json"], in: folder)
        #expect(try SARIFModel.refusal(of: plain.output, in: folder) == nil)
        #expect(try SARIFModel.refusal(of: compared.output, in: folder) == nil)
        #expect(compared.text.contains("\"baselineState\" : \"absent\""), "\(compared.text)")
        #expect(try SARIFModel.refusal(of: Array("{\"version\":\"2.1.0\"}".utf8), in: folder) != nil)
    }

    @Test(arguments: [
        (["http://user:secret@site.example"], 2, "This is no address of a site"),
        (["ftp://site.example"], 2, "This is no address of a site"),
        (["http://127.0.0.1:1/"], 3, "does not answer"),
        (["http://name.invalid/"], 3, "There is no address for name.invalid"),
        (["https://localhost:1", "--ca", "/dev/null"], 1, "holds no certificate"),
        (["https://localhost:1", "--header", "nonsense"], 2, "--header must be"),
        (["https://localhost:1", "--timeout", "0"], 2, "'0' is invalid for '--timeout"),
    ])
    func whatCannotBeScannedIsTold(arguments: [String], status: Int32, words: String) throws {
        let outcome = try Program.run(["scan", "web"] + arguments)
        #expect(outcome.status == status, "\(outcome.messages)")
        #expect(outcome.messages.contains(words), "\(outcome.messages)")
        #expect(!outcome.messages.contains("secret"))
    }

    @Test func aCaseThatCannotBeReadStopsNoOther() throws {
        let folder = try Folder()
        try folder.write(
            """
            [{"test":"fn:grade-for-score","input":{"score":85}}, {"test":"cookies","input":{}}, 7, {"test":"fn:nothing"},
             {"test":"fn:score-modifier","input":{"result":"csp-not-implemented"}}]
            """, to: "cases.json")
        let outcome = try Program.run("scan", "recorded", folder["cases.json"], in: folder)
        #expect(outcome.status == 0)
        let lines = outcome.text.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.first == #"{"test":"fn:grade-for-score","value":{"grade":"A-","score":85}}"#)
        #expect(lines[1].contains(#""message":"The case has no input.responses.""#), "\(lines[1])")
        #expect(lines.last == #"{"test":"fn:score-modifier","value":-25}"#)
        try folder.write("{", to: "broken.json")
        let broken = try Program.run("scan", "recorded", folder["broken.json"], in: folder)
        #expect(broken.status == 1)
        #expect(broken.messages.contains("The file is no array of cases in JSON."))
    }
}

/// The Static Analysis Results Interchange Format's schema, as pydantic-sarif of PyPI has it.
private enum SARIFModel {
    static let python = "\(Program.package)/.build/sarif/bin/python"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    private static let check = """
        import json, sys, pydantic, pydantic_sarif.model as model
        try: model.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(json.load(open(sys.argv[1])))
        except pydantic.ValidationError as error: print(error)
        """

    /// What the schema says against a log; `nil` if nothing.
    static func refusal(of log: [UInt8], in folder: Folder) throws -> String? {
        try folder.write(log, to: "log.sarif")
        let outcome = try Program.launch(
            python, ["-c", check, folder["log.sarif"]], environment: nil, in: folder, input: "")
        #expect(outcome.status == 0, "\(outcome.messages)")
        return outcome.text.isEmpty ? nil : outcome.text
    }
}
