import Kernel
import TestSupport
import Testing

@testable import Identity

struct TokenTextTests {
    @Test func theChecksumIsTheOneOfZIP() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum([]) == 0)
    }

    @Test func numbersAreWrittenInBase62() {
        #expect(Base62.text([0], length: 3) == "000")
        #expect(Base62.text([61], length: 1) == "z")
        #expect(Base62.text([1, 0], length: 2) == "48")
        let most = Base62.text([UInt8](repeating: 0xFF, count: 32), length: 43)
        #expect(most != Base62.text([UInt8](repeating: 0xFF, count: 32), length: 44) && most.first != "0")
        #expect(Base62.text([UInt8](repeating: 0xFF, count: 32), length: 44).first == "0")
    }

    @Test func aTokenIsReadBack() throws {
        let random = seededRandomness(1)
        for _ in 0..<200 {
            let token = TokenText(randomness: random)
            #expect(token.text.wholeMatch(of: /vch_[0-9A-Za-z]{49}/) != nil)
            let read = try #require(TokenText(presented: token.text))
            #expect(read == token && read.hash == token.hash && "\(read)" == "(secret)")
        }
    }

    @Test("nothing else is worth asking the database")
    func othersAreNotTokens() {
        let text = TokenText(randomness: seededRandomness(2)).text
        let characters = Array(text)
        for place in characters.indices {
            var changed = characters
            changed[place] = changed[place] == "a" ? "b" : "a"
            #expect(TokenText(presented: String(changed)) == nil)
            changed = characters
            changed.remove(at: place)
            #expect(TokenText(presented: String(changed)) == nil)
            changed.insert(contentsOf: "é", at: place)
            #expect(TokenText(presented: String(changed)) == nil)
        }
        for other in [
            "", "vch_", text + "0", " " + text, text + "\n", text.uppercased(), text.replacing("vch_", with: "ghp_"),
        ] {
            #expect(TokenText(presented: other) == nil)
        }
    }
}
