import Kernel
import Testing

@testable import Packs

@Suite("The packs that we ship")
struct ShippedPackTests {
    @Test(
        "cover every sentence of the two published policies", .enabled(if: Samples.hasSeeds),
        arguments: [
            ("packs/metadrop.yaml", "000_9739ee214286e529.txt"), ("packs/metrix.yaml", "002_1ef7cff6aaa6fd05.txt"),
        ])
    func coverTheSeeds(file: String, seed: String) throws {
        let pack = try #require(Samples.bytes(file))
        let text = try #require(Samples.bytes(Samples.seeds + seed))
        let reading = PackReader.read(pack, file: file)
        #expect(PackLint.problems(reading, text: text, textFile: seed, catalogue: Samples.catalogue) == [])
        let spans = try #require(reading.pack).spans
        // Told again without lint: sorted, disjoint, and all between them is white space.
        var position = 0
        for span in spans {
            #expect(span.start >= position)
            #expect(text[position..<span.start].allSatisfy(isWhitespace))
            position = span.end
        }
        #expect(text[position...].allSatisfy(isWhitespace))
    }

    @Test(
        "lint clean without the text", arguments: ["packs/metadrop.yaml", "packs/metrix.yaml", "examples/policy.yaml"])
    func lintWithoutText(file: String) throws {
        let reading = PackReader.read(try #require(Samples.bytes(file)), file: file)
        #expect(PackLint.problems(reading, text: nil, catalogue: Samples.catalogue) == [])
    }

    @Test("the example's pack fits the example")
    func example() throws {
        let reading = PackReader.read(try #require(Samples.bytes("examples/policy.yaml")), file: "examples/policy.yaml")
        let text = try #require(Samples.bytes("examples/policy.md"))
        #expect(PackLint.problems(reading, text: text, catalogue: Samples.catalogue) == [])
    }

    @Test("the documented example is a pack")
    func documented() throws {
        let document = String(decoding: try #require(Samples.bytes("docs/pack-format.md")), as: UTF8.self)
        let parts = document.split(separator: "```yaml\n", maxSplits: 1)
        let example = try #require(parts.last?.split(separator: "```", maxSplits: 1).first)
        let reading = PackReader.read(Array(example.utf8))
        #expect(PackLint.problems(reading, text: nil, catalogue: Samples.catalogue) == [])
    }

    @Test("every code that is reported is documented")
    func codes() throws {
        let document = String(decoding: try #require(Samples.bytes("docs/pack-format.md")), as: UTF8.self)
        for file in [
            "YAMLReading/YAMLReader", "Packs/PackField", "Packs/PackParts", "Packs/CheckUseField", "Packs/PackLint",
            "Packs/LintSpans", "Packs/LintCommitments", "Packs/LintText",
        ] {
            let source = String(decoding: try #require(Samples.bytes("Sources/\(file).swift")), as: UTF8.self)
                .replacing("\\(kind.code).", with: "pack.")
            for part in source.split(separator: "\"pack.").dropFirst() {
                let code = part.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
                #expect(document.contains("`pack.\(code)`"), "\(file): pack.\(code)")
            }
        }
    }

    @Test("a company's data counts as encrypted only by what is seen on its own systems")
    func ownSystems() throws {
        for file in ["packs/metadrop.yaml", "packs/metrix.yaml"] {
            let pack = try PackReader.pack(from: try #require(Samples.bytes(file)))
            let checks = pack.commitments.flatMap(\.checks)
            #expect(!checks.contains { $0.check.rawValue.hasPrefix("vouchsafe.") })
        }
    }

    @Test(
        "controls of 2013 stand beside their successors of 2022",
        arguments: ["packs/metadrop.yaml", "packs/metrix.yaml", "examples/policy.yaml"])
    func successors(file: String) throws {
        let pack = try PackReader.pack(from: try #require(Samples.bytes(file)))
        for commitment in pack.commitments {
            let old = commitment.controls.filter { $0.framework == .iso27001v2013 }.flatMap(\.references)
            let new = commitment.controls.filter { $0.framework == .iso27001v2022 }.flatMap(\.references)
            for control in old {
                let expected = try #require(AnnexASuccessors.of[control], "\(control)")
                #expect(expected.contains { new.contains($0) }, "\(commitment.id): \(control)")
            }
        }
    }
}
