import Foundation
import Kernel
import Testing

@testable import Packs

@Suite("Reading a pack")
struct ReaderTests {
    static func codes(_ text: String) -> [String] {
        PackReader.read(Array(text.utf8), file: "p.yaml").problems.map(\.code)
    }

    @Test(
        "what is no pack is refused with a code",
        arguments: [
            ("", "pack.empty"), ("just words", "pack.type"), ("a: [1, 2", "pack.syntax"),
            ("a: 1\na: 2\n", "pack.duplicate-key"),
            ("- {x: 1, x: 2}", "pack.duplicate-key"), ("a: &x 1\nb: 2\n", "pack.alias"), ("a: *x", "pack.alias"),
            ("a: &x [1]\nb: *x", "pack.alias"), ("--- 1\n--- 2\n", "pack.syntax"), ("\u{1}", "pack.syntax"),
            ("a: \"\\ud800\"", "pack.syntax"), ("? [a, b]\n: c\n", "pack.type"),
            ("a: !!binary x", "pack.unknown-field"),
            (String(repeating: "[", count: 200), "pack.syntax"),
            (String(repeating: "[", count: 200) + String(repeating: "]", count: 200), "pack.too-deep"),
            (String(repeating: "[", count: 900) + String(repeating: "]", count: 900), "pack.too-deep"),
            (String(repeating: "[", count: 500_000), "pack.syntax"),
            (String(repeating: "- ", count: 500_000) + "x", "pack.syntax"),
            (String(repeating: "{a: ", count: 200_000), "pack.syntax"),
            (String(repeating: "? ", count: 200_000), "pack.syntax"),
        ])
    func refused(text: String, code: String) {
        #expect(Self.codes(text).contains(code), "\(Self.codes(text))")
    }

    @Test("an alias bomb is stopped before it grows")
    func bomb() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(Self.codes(bomb) == ["pack.alias"])
        #expect(Self.codes(bomb + "? *a11\n: 1\n") == ["pack.alias"])
    }

    @Test("a file that is too large or no text is refused with its line")
    func bytes() throws {
        #expect(PackReader.read([UInt8](repeating: 0x20, count: 5 << 20)).problems.map(\.code) == ["pack.too-large"])
        let problem = try #require(PackReader.read(Array("a: b\nc: ".utf8) + [0xFF, 0x0A], file: "p").problems.first)
        #expect(problem.code == "pack.not-utf8")
        #expect(problem.place?.description == "p:2")
    }

    @Test("text may hold what looks like an anchor or an alias; only where one stands it is refused")
    func looksLikeAlias() throws {
        let text = LintTests.sample.replacing("note: title", with: "note: \"*bold* R&D &c *x *y *z\"")
            .replacing("Storage is unreadable to thieves.", with: "Storage &c is *unreadable* to thieves.")
        let pack = try PackReader.pack(from: Array(text.utf8))
        #expect(pack.spans[0].note == "*bold* R&D &c *x *y *z")
        #expect(pack.commitments[0].summary == "Storage &c is *unreadable* to thieves.")
        #expect(Self.codes(text.replacing("owner: it", with: "owner: *it")) == ["pack.alias"])
    }

    @Test("a large pack is read and judged in one go")
    func large() throws {
        let text = Array(repeating: "We lock the doors. ", count: 4000).joined()
        let yaml = try PackDraft.draft(Array(text.utf8), catalogue: Samples.catalogue)
        let reading = PackReader.read(Array(yaml.utf8))
        #expect(reading.pack?.spans.count == 4000)
        let problems = PackLint.problems(reading, text: Array(text.utf8), catalogue: Samples.catalogue)
        #expect(problems.count == PackLimits.problems)
        #expect(problems.last?.code == "pack.more-problems")
    }

    @Test("a syntax error names file and line")
    func syntaxLine() throws {
        let problem = try #require(PackReader.read(Array("a: 1\nb: [2\nc: 3\n".utf8), file: "p.yaml").problems.first)
        #expect(problem.place?.file == "p.yaml")
        #expect(problem.place?.line == 3)
    }

    @Test("too many spans are one problem, not twenty thousand")
    func tooMany() {
        let spans = Array(repeating: "{}", count: PackLimits.spans + 1).joined(separator: ",")
        #expect(
            Self.codes("format: vouchsafe/pack@v1\npolicy: {}\ncommitments: []\nspans: [\(spans)]\n").contains(
                "pack.too-many"))
    }

    @Test("whoever needs a whole pack gets the first problem and the number of the others")
    func whole() {
        #expect(throws: Problem.self) { try PackReader.pack(from: Array("format: x\nspans: 1\n".utf8)) }
        do {
            _ = try PackReader.pack(from: Array("format: x\nspans: 1\n".utf8))
        } catch {
            #expect(error.hint?.contains("more") == true)
        }
    }

    @Test("no mutation of a pack crashes the reader, the lint or the writer", arguments: 0..<60)
    func mutations(seed: Int) throws {
        var chance = Chance(state: UInt64(seed) &+ 9)
        let original = Array(LintTests.sample.utf8)
        for _ in 0..<20 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                let position = Int.random(in: 0..<bytes.count, using: &chance)
                switch Int.random(in: 0...4, using: &chance) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &chance)
                case 1: bytes.removeSubrange(position...)
                case 2:
                    bytes.insert(
                        contentsOf: Array(
                            (["[", "{", "&a ", "*a", "\n", ": ", "- ", "\""].randomElement(using: &chance) ?? "").utf8),
                        at: position)
                case 3:
                    bytes.replaceSubrange(
                        position..<min(position + 9, bytes.count), with: Array("99999999999999999999".utf8))
                default: bytes.insert(contentsOf: bytes[..<position], at: position)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            let reading = PackReader.read(bytes)
            #expect((reading.pack == nil) != reading.problems.isEmpty)
            _ = PackLint.problems(reading, text: LintTests.text, catalogue: Samples.catalogue)
            if let pack = reading.pack { #expect(PackReader.read(Array(PackWriter.text(of: pack).utf8)).pack == pack) }
        }
    }

    @Test(
        "what is written reads back the same",
        arguments: ["packs/metadrop.yaml", "packs/metrix.yaml", "examples/policy.yaml"])
    func roundTrip(file: String) throws {
        let pack = try PackReader.pack(from: try #require(Samples.bytes(file)))
        #expect(try PackReader.pack(from: Array(PackWriter.text(of: pack).utf8)) == pack)
        let data = try JSONEncoder().encode(pack)
        #expect(try JSONDecoder().decode(Pack.self, from: data) == pack)
    }

    @Test("any text survives being written", arguments: 0..<200)
    func anyText(seed: Int) throws {
        let text = String(decoding: RandomTexts.bytes(seed: UInt64(seed), isText: true), as: UTF8.self)
        // A byte order mark at the start is taken for the mark that it is, and dropped.
        guard !text.utf8.allSatisfy(isWhitespace), text.utf8.count <= 200,
            !text.unicodeScalars.starts(with: ["\u{FEFF}"])
        else {
            return
        }
        var pack = try PackReader.pack(from: Array(LintTests.sample.utf8))
        pack.policy.title = text
        pack.policy.version =
            String(text.unicodeScalars.prefix(20)).utf8.allSatisfy(isWhitespace)
            ? "1" : String(text.unicodeScalars.prefix(20))
        pack.spans[0].note = text
        pack.commitments[0].checks[0].needs = text
        pack.defects[0].finding = text
        let yaml = PackWriter.text(of: pack)
        #expect(try PackReader.pack(from: Array(yaml.utf8)) == pack, "\(yaml)")
    }
}
