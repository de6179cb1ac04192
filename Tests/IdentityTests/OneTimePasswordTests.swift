import Kernel
import TestSupport
import Testing

@testable import Identity

struct OneTimePasswordTests {
    /// RFC 6238, Appendix B: the time in seconds, and the code by SHA-1, SHA-256 and SHA-512.
    @Test(
        "RFC 6238, Appendix B",
        arguments: [
            (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
        ] as [(Int64, String, String, String)])
    func publishedCodes(seconds: Int64, sha1: String, sha256: String, sha512: String) {
        for (hash, length, expected) in [
            (OneTimePassword.Hash.sha1, 20, sha1), (.sha256, 32, sha256), (.sha512, 64, sha512),
        ] {
            let secret = (1...length).map { UInt8(ascii: "0") + UInt8($0 % 10) }
            #expect(
                OneTimePassword.code(secret: secret, counter: seconds / 30, digits: 8, hash: hash) == expected)
        }
    }

    @Test("RFC 4226, Appendix D")
    func publishedShortCodes() {
        let codes = (0..<10).map { OneTimePassword.code(secret: Array("12345678901234567890".utf8), counter: $0) }
        #expect(
            codes == [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ])
    }

    @Test("RFC 4648 §10, without padding")
    func base32() {
        for (bytes, text) in [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] { #expect(Base32.text(Array(bytes.utf8), in: Base32.standard) == text) }
    }

    private let now = Instant(milliseconds: 1_800_000_010_000)

    private func code(_ factor: OneTimePasswordFactor, after milliseconds: Int64) -> String {
        OneTimePassword.code(secret: factor.secret, counter: (now.milliseconds + milliseconds) / 30_000)
    }

    @Test("a code is taken in its own step and in the ones beside it", arguments: [-2, -1, 0, 1, 2])
    func window(steps: Int64) {
        let factor = OneTimePasswordFactor(randomness: seededRandomness(1))
        let isTaken = factor.accepting(code(factor, after: steps * 30_000), at: now) != nil
        #expect(isTaken == (abs(steps) <= 1))
    }

    @Test func aCodeIsGoodForOnce() throws {
        var factor = OneTimePasswordFactor(randomness: seededRandomness(2))
        let (before, current, next) = (
            code(factor, after: -30_000), code(factor, after: 0), code(factor, after: 30_000)
        )
        factor = try #require(factor.accepting(current, at: now))
        #expect(factor.accepting(current, at: now) == nil)
        // Nor one that is older than the one that was used last.
        #expect(factor.accepting(before, at: now) == nil)
        factor = try #require(factor.accepting(next, at: now))
        #expect(factor.accepting(next, at: Instant(milliseconds: now.milliseconds + 30_000)) == nil)
    }

    @Test func wrongCodesAreRefused() throws {
        let factor = OneTimePasswordFactor(randomness: seededRandomness(3))
        let right = code(factor, after: 0)
        #expect(factor.accepting(" \(right.prefix(3)) \(right.suffix(3)) ", at: now) != nil)
        for wrong in ["", "0", String(right.dropLast()), right + "0", "abcdef", "１２３４５６", "\(right)\n"] {
            #expect(factor.accepting(wrong, at: now) == nil)
        }
        #expect(OneTimePasswordFactor(randomness: seededRandomness(4)).accepting(right, at: now) == nil)
    }

    @Test func theAppIsToldEverything() {
        let factor = OneTimePasswordFactor(secret: Array("12345678901234567890".utf8), lastStep: nil)
        #expect(factor.secretText == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
        #expect(
            factor.uri(issuer: "Vouchsafe: Höhe & Co", account: "ada+x@example.org")
                == "otpauth://totp/Vouchsafe%20%20H%C3%B6he%20%26%20Co:ada%2Bx%40example.org"
                + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Vouchsafe%20%20H%C3%B6he%20%26%20Co"
                + "&algorithm=SHA1&digits=6&period=30")
    }
}
