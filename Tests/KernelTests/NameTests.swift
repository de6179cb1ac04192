import Kernel
import Testing

@Suite("Names")
struct NameTests {
    private enum Thing {}

    @Test("an identifier survives its text and its bytes, and orders by its time")
    func identifiers() throws {
        let randomness = Randomness { [UInt8](repeating: 0xA5, count: $0) }
        let first = Identifier<Thing>(at: Instant(milliseconds: 1_700_000_000_000), randomness: randomness)
        let second = Identifier<Thing>(at: Instant(milliseconds: 1_700_000_000_001), randomness: randomness)
        #expect(first < second)
        #expect(try #require(Identifier<Thing>(first.description)) == first)
        #expect(try #require(Identifier<Thing>(bytes: first.bytes)) == first)
        let text = Array(first.description)
        #expect(text[14] == "7", "RFC 9562 version")
        #expect("89ab".contains(text[19]), "RFC 9562 variant")
    }

    @Test(
        "an identifier has one spelling",
        arguments: [
            "", "0192f0c1-2b7a-7e11-9d3e-0123456789AB", "0192f0c12b7a7e119d3e0123456789ab",
            "0192f0c1-2b7a-7e11-9d3e-0123456789a",
        ])
    func otherSpellings(text: String) {
        #expect(Identifier<Thing>(text) == nil)
    }

    @Test(
        "a check is named by words, hyphens and points",
        arguments: ["endpoint.disk-encryption", "a.b", "room.part.thing-2"])
    func checkNames(name: String) {
        #expect(CheckID(rawValue: name)?.rawValue == name)
    }

    @Test(
        "and by nothing else", arguments: ["", "disk", "Endpoint.disk", "a..b", ".a.b", "a.b-", "a.-b", "a b.c", "ä.b"])
    func badCheckNames(name: String) {
        #expect(CheckID(rawValue: name) == nil)
    }

    @Test("hexadecimal digits are read in lower case only, in pairs")
    func hexadecimal() {
        #expect([UInt8](hex: "00ff10") == [0, 255, 16])
        #expect([UInt8](hex: "0") == nil)
        #expect([UInt8](hex: "FF") == nil)
        #expect([UInt8]([1, 171]).hex == "01ab")
    }

    @Test(
        "a threshold reads as people write it and compares without rounding",
        arguments: [("all", 10_000), ("95 %", 9_500), ("99.5 %", 9_950), ("100 %", 10_000), ("0.01%", 1)])
    func thresholds(text: String, hundredths: Int) throws {
        #expect(try #require(Threshold(text)).hundredths == hundredths)
    }

    @Test("no share that means nothing", arguments: ["", "0 %", "101 %", "95", "-1 %", "1.234 %", "most"])
    func badThresholds(text: String) {
        #expect(Threshold(text) == nil)
    }
}
