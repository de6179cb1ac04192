import Crypto
import Kernel

/// Codes that an authenticator app calculates from a shared secret and the time (RFC 6238, on RFC 4226).
enum OneTimePassword {
    /// By which hash function; apps know SHA-1 only, in general, and for HMAC it is still sound.
    enum Hash: CaseIterable {
        case sha1, sha256, sha512
    }

    /// How long a code is shown, in milliseconds: the longest that ASVS 5.0 allows (6.5.5).
    static let step: Int64 = 30_000
    /// How many digits the codes have that people type.
    static let digits = 6

    /// The code for the step `counter`.
    static func code(secret: [UInt8], counter: Int64, digits: Int = digits, hash: Hash = .sha1) -> String {
        let message = (0..<8).reversed().map { UInt8(truncatingIfNeeded: counter >> Int64(8 * $0)) }
        let key = SymmetricKey(data: secret)
        let mac =
            switch hash {
            case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
            case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
            case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
            }
        // The last four bits choose where the 31 bits lie (RFC 4226 §5.3).
        let start = Int((mac.last ?? 0) & 15)
        let number = mac[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<digits).reduce(UInt32(1)) { power, _ in power * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

/// A person's authenticator app, as the server keeps it (sealed: who has the secret has the codes).
struct OneTimePasswordFactor: Hashable, Codable, Sendable, CustomStringConvertible {
    /// 160 bits, as RFC 4226 §4 recommends.
    let secret: [UInt8]
    /// The step whose code was accepted last. No code up to it is taken again: each is good for one sign-in.
    let lastStep: Int64?

    init(randomness: Randomness) {
        self.init(secret: randomness.bytes(20), lastStep: nil)
    }

    init(secret: [UInt8], lastStep: Int64?) {
        self.secret = secret
        self.lastStep = lastStep
    }

    /// The factor after `typed` was accepted; it must be stored before the person is let in.
    ///
    /// Taken are the codes of this step, of the one before, since people type slowly, and of the next, since clocks differ: a
    /// code is good for at most 90 seconds, and for one use. Spaces are passed over.
    ///
    /// - Returns: `nil` if the code is wrong, or was used already.
    func accepting(_ typed: String, at now: Instant) -> OneTimePasswordFactor? {
        let digits = Array(typed.utf8.filter { $0 != UInt8(ascii: " ") })
        let current = now.milliseconds / OneTimePassword.step
        var accepted: Int64?
        // All three are calculated and compared, so that the time tells nothing.
        for step in current - 1...current + 1 {
            let code = OneTimePassword.code(secret: secret, counter: step)
            let isRight = constantTimeEquals(digits, Array(code.utf8))
            if isRight, step > lastStep ?? .min, accepted == nil { accepted = step }
        }
        return accepted.map { OneTimePasswordFactor(secret: secret, lastStep: $0) }
    }

    /// Never the secret.
    var description: String { "(secret)" }

    /// The secret as a person types it into an app that cannot read the QR code.
    var secretText: String { Base32.grouped(Base32.text(secret, in: Base32.standard), by: " ") }

    /// What authenticator apps read from a QR code (the key URI format).
    ///
    /// - Parameters:
    ///   - issuer: What the service is called.
    ///   - account: What the person signs in with.
    func uri(issuer: String, account: String) -> String {
        // A colon parts the two in the label, so neither may bring one of its own, escaped or not.
        let (issuer, account) = (Self.escaped(issuer), Self.escaped(account))
        return "otpauth://totp/\(issuer):\(account)?secret=\(Base32.text(secret, in: Base32.standard))"
            + "&issuer=\(issuer)&algorithm=SHA1&digits=\(OneTimePassword.digits)&period=\(OneTimePassword.step / 1000)"
    }

    /// Everything but unreserved characters in percent-encoding (RFC 3986 §2.3).
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ":"): escaped += "%20"
            default: escaped += "%" + [byte].hex.uppercased()
            }
        }
        return escaped
    }
}
