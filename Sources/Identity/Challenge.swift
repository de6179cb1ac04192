import Kernel
import Store

/// A question that a passkey signs: made without being stored, so that visitors cannot fill the database with them. It holds
/// when it ends, random bits, and a keyed hash that binds both to the visitor's browser.
enum Challenge {
    static let lifetime = Period.minutes(5)
    private static let plainLength = 8 + 16

    static func make(
        for visitor: String, at now: Instant, randomness: Randomness, in view: ReadView
    ) -> [UInt8] {
        let end = (now + lifetime).milliseconds
        let plain = (0..<8).reversed().map { UInt8(truncatingIfNeeded: end >> (8 * Int64($0))) } + randomness.bytes(16)
        return plain + mark(of: plain, for: visitor, in: view)
    }

    /// The challenge that the browser says it answers, if it is one of ours for this visitor and not too old.
    ///
    /// - Throws: `Problem` `passkey.challenge`.
    static func presented(
        in clientData: [UInt8], for visitor: String, at now: Instant, in view: ReadView
    ) throws -> [UInt8] {
        guard clientData.count <= 8192, case .text(let text) = try? JSONValue.members(of: clientData)["challenge"],
            let bytes = Base64URL.bytes(text), bytes.count > plainLength
        else { throw refusal }
        let plain = Array(bytes[..<plainLength])
        let end = plain[..<8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard constantTimeEquals(Array(bytes[plainLength...]), mark(of: plain, for: visitor, in: view)),
            now.milliseconds < end
        else { throw refusal }
        return bytes
    }

    static var refusal: Problem {
        Problem(
            .unauthenticated, code: "passkey.challenge",
            "The question to the passkey is too old, was answered already, or is not for this browser.",
            hint: "Load the page again and repeat.")
    }

    private static func mark(of plain: [UInt8], for visitor: String, in view: ReadView) -> [UInt8] {
        view.blindIndex(OwnPasskey.table, "challenge", of: "\(plain.hex)\n\(visitor)")
    }
}
