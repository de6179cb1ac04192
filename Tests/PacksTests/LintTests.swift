import Kernel
import Testing

@testable import Packs

@Suite("Lint")
struct LintTests {
    static let text = Array("Title\n\nAll disks are encrypted. We guarantee bliss.\nÄrger is context.\n".utf8)

    /// A pack without a problem; each case replaces one line of it.
    static let pack = """
        format: vouchsafe/pack@v1
        policy:
          id: sample
          title: Sample
          issuer: Sample Company
          version: "1"
          text: DIGEST
        spans:
          - { at: [0, 5], class: context, note: title }
          - { at: [7, 31], class: commitment, commitments: [disks] }
          - { at: [32, 51], class: unprovable, reason: "nobody can measure it", commitments: [bliss] }
          - { at: [52, 70], class: context }
        commitments:
          - id: disks
            section: Title
            summary: Storage is unreadable to thieves.
            owner: it
            checks:
              - { check: endpoint.disk-encryption, population: host, threshold: all, freshness: 26h }
            controls: { iso27001-2013: [A.10.1.1], iso27001-2022: [A.8.24], gdpr: ["32(1)(a)"] }
          - id: bliss
            section: Title
            summary: Customers are happy.
            owner: people
            unprovable: Happiness has no measure.
        defects:
          - { at: [32, 51], finding: A promise without a measure. }
        """

    /// What lint says about the sample with its line `line`, from 1, replaced.
    static func problems(line: Int, _ replacement: String, text: [UInt8]? = text) -> [(code: String, line: Int)] {
        var lines = sample.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if line > 0 { lines[line - 1] = replacement }
        let reading = PackReader.read(Array(lines.joined(separator: "\n").utf8), file: "sample.yaml")
        return PackLint.problems(reading, text: text, textFile: "sample.txt", catalogue: Samples.catalogue)
            .map { ($0.code, $0.place?.line ?? 0) }
    }

    /// The sample with the hash and length of the sample text.
    static let sample: String = {
        let digest = Pack.TextDigest(of: text)
        return pack.replacing(
            "DIGEST",
            with: "{ sha256: \(digest.sha256), bytes: \(digest.bytes) }")
    }()

    @Test("a sound pack has no problem")
    func sound() {
        #expect(Self.problems(line: 0, "").isEmpty)
    }

    static let span2 = "  - { at: [7, 31], class: commitment, commitments: [disks] }"

    @Test(
        "each problem is named with its line",
        arguments: [
            (1, "format: vouchsafe/pack@v9", "pack.format", 1),
            (1, "fromat: vouchsafe/pack@v1", "pack.unknown-field", 1),
            (3, "  id: Sample Pack", "pack.word", 3), (4, "  title: ~", "pack.empty-field", 4),
            (4, "  title: [a]", "pack.type", 4), (6, "  version: FILL IN later", "pack.unfinished", 6),
            (6, "  version: 1\n  date: 2021-13-01", "pack.date", 7),
            (7, "  text: { sha256: abc, bytes: 70 }", "pack.hash", 7),
            (
                9, "  - { at: [0, 5], class: context, note: title, commitments: [disks] }",
                "pack.context-with-commitments", 9
            ),
            (9, "  - { at: [0, 5], class: kontext }", "pack.class", 9),
            (9, "  - { at: [0, 5, 6], class: context }", "pack.range", 9),
            (9, "  - { at: [0, \"5\"], class: context }", "pack.number", 9),
            (9, "  - { at: [0, -5], class: context }", "pack.number", 9),
            (9, "  - { at: [0, 5], class: context, notes: x }", "pack.unknown-field", 9),
            (9, "  - { class: context }", "pack.missing-field", 9),
            (9, "  - { at: [0, 6], class: context }", "pack.span-whitespace", 9),
            (9, "  - { at: [0, 5], class: context, reason: x }", "pack.reason-without-unprovable", 9),
            (10, "  - { at: [5, 31], class: commitment, commitments: [disks] }", "pack.span-whitespace", 10),
            (10, "  - { at: [4, 31], class: commitment, commitments: [disks] }", "pack.span-overlap", 10),
            (10, "  - { at: [7, 31], class: commitment, commitments: [disks, disk] }", "pack.unknown-commitment", 10),
            (10, "  - { at: [7, 31], class: commitment, commitments: [disks, disks] }", "pack.duplicate-name", 10),
            (10, "  - { at: [7, 31], class: commitment, commitments: [] }", "pack.span-without-commitments", 10),
            (10, "  - { at: [7, 31], class: commitment, commitments: [bliss] }", "pack.span-class", 10),
            (11, "  - { at: [32, 51], class: unprovable, commitments: [bliss] }", "pack.unprovable-without-reason", 11),
            (
                11, "  - { at: [32, 51], class: unprovable, reason: x, commitments: [disks] }",
                "pack.span-without-unprovable", 11
            ),
            (12, "  - { at: [53, 70], class: context }", "pack.span-splits-character", 12),
            (12, "  - { at: [52, 90], class: context }", "pack.span-out-of-range", 12),
            (12, "  - { at: [52, 70], class: context }\n  - { at: [20, 20], class: context }", "pack.span-empty", 13),
            (14, "  - id: bliss", "pack.duplicate-id", 21), (14, "  - id: discs", "pack.commitment-without-span", 14),
            (16, "    summary: All disks are encrypted.", "pack.copied-wording", 16),
            (16, "    summary: \"FILL IN: this promise in your own words\"", "pack.unfinished", 16),
            (
                19, "      - { check: endpoint.disk-encrpytion, population: host, freshness: 26h }",
                "pack.unknown-check", 19
            ),
            (19, "      - { check: Disks, population: host, freshness: 26h }", "pack.check-name", 19),
            (
                19, "      - { check: endpoint.disk-encryption, population: hots, freshness: 26h }", "pack.population",
                19
            ),
            (
                19, "      - { check: endpoint.disk-encryption, population: site, freshness: 26h }", "pack.population",
                19
            ),
            (
                19, "      - { check: endpoint.disk-encryption, population: host, freshness: one day }",
                "pack.duration", 19
            ),
            (19, "      - { check: endpoint.disk-encryption, population: host, freshness: 0s }", "pack.duration", 19),
            (
                19, "      - { check: endpoint.disk-encryption, population: host, freshness: 26h, threshold: 120 % }",
                "pack.threshold", 19
            ),
            (
                19,
                "      - { check: endpoint.vpn, population: host, freshness: 26h }\n      - { check: endpoint.vpn, population: host, freshness: 1h }",
                "pack.duplicate-check", 20
            ),
            (
                19, "      - { check: people.trained, population: person, freshness: 9d, needs: \"\" }",
                "pack.empty-field", 19
            ),
            (20, "    controls: { iso27001-2013: [A.10.1.3] }", "pack.control", 20),
            (20, "    controls: { iso27001-2022: [A.8.24, A.8.35] }", "pack.control", 20),
            (20, "    controls: { gdpr: [32(1)(a), 32(1)(a)] }", "pack.duplicate-control", 20),
            (20, "    controls: { soc2: [CC1] }", "pack.unknown-field", 20),
            (
                25, "    checks: [{ check: endpoint.vpn, population: host, freshness: 1h }]\n    unprovable: x",
                "pack.unprovable-with-checks", 25
            ),
            (27, "  - { at: [32, 99], finding: A promise without a measure. }", "pack.span-out-of-range", 27),
            (27, "  - { at: [32, 51], finding: We guarantee bliss }", "pack.copied-wording", 27),
        ])
    func named(line: Int, replacement: String, code: String, reported: Int) {
        let problems = Self.problems(line: line, replacement)
        #expect(problems.contains { $0.code == code && $0.line == reported }, "\(problems)")
    }

    @Test("a misspelt field is reported with the field that was meant, and as missing")
    func nearestField() {
        let problems = PackLint.problems(
            PackReader.read(Array(Self.sample.replacing("section: Title", with: "sektion: Title").utf8)), text: nil,
            catalogue: [])
        #expect(problems.contains { $0.code == "pack.unknown-field" && $0.hint == "Did you mean `section`?" })
        #expect(problems.contains { $0.code == "pack.missing-field" && $0.message.contains("`section`") })
    }

    @Test("an unknown check is reported with the nearest known one; with `needs` it is no problem")
    func unknownCheck() {
        let wrong = Self.sample.replacing("endpoint.disk-encryption", with: "endpoint.disc-encryption")
        let problems = PackLint.problems(PackReader.read(Array(wrong.utf8)), text: nil, catalogue: Samples.catalogue)
        #expect(problems.map(\.code) == ["pack.unknown-check"])
        #expect(problems.first?.hint?.contains("`endpoint.disk-encryption`") == true)
        let needing = wrong.replacing("freshness: 26h", with: "freshness: 26h, needs: a reader of discs")
        #expect(
            PackLint.problems(PackReader.read(Array(needing.utf8)), text: nil, catalogue: Samples.catalogue).isEmpty)
    }

    @Test("an uncovered sentence is named with its line in the text and its beginning")
    func uncovered() throws {
        let without = Self.sample.replacing("  - { at: [52, 70], class: context }\n", with: "")
        let problems = PackLint.problems(
            PackReader.read(Array(without.utf8)), text: Self.text, textFile: "sample.txt", catalogue: Samples.catalogue)
        let problem = try #require(problems.first)
        #expect(problems.count == 1)
        #expect(problem.code == "pack.uncovered")
        #expect(problem.place?.description == "sample.txt:4")
        #expect(problem.message.contains("“Ärger is context.”"))
    }

    @Test("a commitment says how it is proven, or why it cannot be")
    func withoutChecks() {
        let without = Self.sample.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("checks:") && !$0.contains("{ check:") }.joined(separator: "\n")
        let problems = PackLint.problems(PackReader.read(Array(without.utf8)), text: nil, catalogue: Samples.catalogue)
        #expect(problems.map(\.code) == ["pack.commitment-without-checks"])
        #expect(problems.first?.place?.line == 14)
    }

    @Test("a text that differs by one byte is another text")
    func otherText() {
        var other = Self.text
        other[9] ^= 1
        #expect(Self.problems(line: 0, "", text: other).map(\.code) == ["pack.text-hash"])
        #expect(
            Self.problems(line: 0, "", text: Self.text + [0x0A]).map(\.code)
                == ["pack.text-hash", "pack.text-length"].reversed())
    }

    @Test("all problems are found at once, in the order of the file")
    func all() {
        let wrong = Self.sample.replacing("freshness: 26h", with: "freshness: soon").replacing("A.8.24", with: "A.9.24")
            .replacing("version: \"1\"", with: "version:").replacing("class: context }", with: "class: nothing }")
        let problems = PackLint.problems(
            PackReader.read(Array(wrong.utf8)), text: Self.text, catalogue: Samples.catalogue)
        #expect(problems.map(\.code) == ["pack.empty-field", "pack.class", "pack.duration"])
        #expect(problems.compactMap { $0.place?.line } == [6, 12, 19])
    }

    @Test("a run of eight words out of the text is a quotation, seven are none")
    func quotation() {
        let text = Array("One two three four five six seven eight nine ten.".utf8)
        func codes(_ note: String) -> [String] {
            let pack = Pack(
                policy: .init(id: "a", title: "A", issuer: "A", version: "1", text: Pack.TextDigest(of: text)),
                spans: [.init(start: 0, end: text.count, spanClass: .context, note: note)], commitments: [])
            return PackLint.problems(pack, text: text, catalogue: []).map(\.code)
        }
        #expect(codes("It counts: two three four five six seven eight nine, and stops.") == ["pack.copied-wording"])
        #expect(codes("It counts: two three four five six seven eight, and stops.") == [])
    }
}
