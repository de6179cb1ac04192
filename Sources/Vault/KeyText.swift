import Crypto
import Foundation
import Kernel

/// The text that a key-encryption key is kept in: a format line, the fingerprint, the key, and a checksum over these lines.
enum KeyText {
    static let formatLine = "vouchsafe/key-file@v1"
    static let sizeLimit = 1024

    static func text(of secret: [UInt8], fingerprint: [UInt8]) -> [UInt8] {
        let body = "\(formatLine)\nid \(fingerprint.hex)\nkey \(Data(secret).base64EncodedString())\n"
        return Array("\(body)checksum \(checksum(body))\n".utf8)
    }

    /// - Throws: A `Problem` (refused, `vault.key-malformed`) unless `bytes` are exactly what ``text(of:fingerprint:)`` gives.
    static func parse(_ bytes: [UInt8]) throws(Problem) -> KeyEncryptionKey {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, first.elementsEqual(formatLine.utf8) else {
            throw malformed("It does not begin with \(formatLine).", line: 1)
        }
        guard lines.count == 5, lines[4].isEmpty else {
            throw malformed("It is cut off or has lines too many.", line: lines.count)
        }
        guard lines[2].starts(with: "key ".utf8),
            let secret = Data(base64Encoded: Data(lines[2].dropFirst(4))), secret.count == 32
        else { throw malformed("The key is not the base64 of 32 bytes.", line: 3) }
        let key = try KeyEncryptionKey(bytes: [UInt8](secret))
        guard constantTimeEquals(text(of: [UInt8](secret), fingerprint: key.fingerprint), bytes) else {
            throw malformed("The checksum or the fingerprint does not fit the key.", line: 4)
        }
        return key
    }

    private static func checksum(_ body: String) -> String {
        SHA256.hash(data: Array(body.utf8)).prefix(8).map { $0 }.hex
    }

    private static func malformed(_ reason: String, line: Int) -> Problem {
        Problem(
            .refused, code: "vault.key-malformed", "The key file is damaged. \(reason)",
            hint: "Put back a copy of the key file that this data was made with.", place: Problem.Place(line: line))
    }
}
