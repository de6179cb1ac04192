import Kernel
import TestSupport
import Testing

@testable import Identity

struct RecoveryCodeTests {
    @Test func tenDifferentCodesAreMade() {
        let (codes, kept) = RecoveryCodes.make(randomness: seededRandomness(1))
        #expect(Set(codes.map(\.text)).count == 10 && kept.left == 10)
        for code in codes {
            #expect(code.text.wholeMatch(of: /([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}/) != nil)
        }
    }

    @Test func eachIsGoodForOnce() throws {
        var (codes, kept) = RecoveryCodes.make(randomness: seededRandomness(2))
        for (used, code) in codes.shuffled().enumerated() {
            kept = try #require(kept.using(code))
            #expect(kept.left == 9 - used)
            #expect(kept.using(code) == nil)
        }
        codes = []
        #expect(kept.using(RecoveryCode(randomness: seededRandomness(3))) == nil)
    }

    @Test func typingIsForgiven() throws {
        let code = try #require(RecoveryCode(typed: "01AB-10CD-EF00-1111"))
        for typed in [
            "01ab-10cd-ef00-1111", "01ab10cdef001111", "  01AB 10CD\tEF00 1111\n", "oiab-LOcd-efOo-IiLl",
            "01AB–10CD—EF00\u{A0}1111",
        ] { #expect(RecoveryCode(typed: typed) == code, "\(typed)") }
        #expect(code.text == "01AB-10CD-EF00-1111")
        for typed in [
            "", "01AB", "01AB-10CD-EF00-111", "01AB-10CD-EF00-11111", "01AB-10CD-EF00-111U", "01AB_10CD_EF00_1111",
            "０1AB-10CD-EF00-1111", String(repeating: " ", count: 200) + "01AB10CDEF001111",
        ] { #expect(RecoveryCode(typed: typed) == nil, "\(typed)") }
    }

    @Test func whatIsPrintedIsReadBack() {
        let random = seededRandomness(4)
        for _ in 0..<200 {
            let code = RecoveryCode(randomness: random)
            #expect(RecoveryCode(typed: code.text.lowercased()) == code)
            #expect("\(code)" == "(secret)" && code.hash.count == 32)
        }
    }
}
