import Kernel
import Testing

@testable import Packs

@Suite("A pack and its text")
struct TextTests {
    @Test("a pack knows its text by every byte")
    func describes() throws {
        let pack = try PackReader.pack(from: Array(LintTests.sample.utf8))
        #expect(pack.describes(LintTests.text))
        #expect(!pack.describes(LintTests.text + [0x0A]))
        #expect(Pack.TextDigest(of: []).sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("wordings and defects are found by commitment")
    func wording() throws {
        let pack = try PackReader.pack(from: Array(LintTests.sample.utf8))
        #expect(pack.wording(of: "disks", in: LintTests.text) == ["All disks are encrypted."])
        #expect(pack.defects(of: "disks").isEmpty)
        #expect(pack.defects(of: "bliss").map(\.finding) == ["A promise without a measure."])
        #expect(pack.wording(of: "bliss", in: []) == [])
    }

    @Test("a span ends its paragraph where a line break follows before the next word")
    func paragraphs() throws {
        let pack = try PackReader.pack(from: Array(LintTests.sample.utf8))
        #expect(pack.spans.map { pack.endsParagraph($0, in: LintTests.text) } == [true, false, true, true])
    }
}
