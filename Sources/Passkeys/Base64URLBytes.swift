import Kernel

/// Bytes that travel in JSON as base64url.
struct Base64URLBytes: Hashable, Sendable, Codable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(from decoder: any Decoder) throws {
        let field = decoder.codingPath.map(\.stringValue).joined(separator: ".")
        guard let bytes = Base64URL.bytes(try decoder.singleValueContainer().decode(String.self)) else {
            throw PasskeyProblem.form(field, "A field is no base64url without padding.")
        }
        self.bytes = bytes
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Base64URL.text(bytes))
    }
}
