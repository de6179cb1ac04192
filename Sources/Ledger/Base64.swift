import Foundation

extension [UInt8] {
    /// The bytes that `text` spells in base64 (RFC 4648 §4), of which every byte sequence has exactly one spelling here.
    ///
    /// Decoders accept several spellings of the same bytes (unused trailing bits); a proof that can be changed and still
    /// holds would be no proof, so anything but the canonical spelling is refused.
    init?(canonicalBase64 text: String) {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        self = [UInt8](data)
    }

    /// The bytes in base64 with padding, on one line.
    var base64: String { Data(self).base64EncodedString() }
}
