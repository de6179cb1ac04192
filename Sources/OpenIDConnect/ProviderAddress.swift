import Foundation
import Kernel

/// Which addresses of providers are asked.
public enum AddressRule: Hashable, Sendable {
    /// `https` only.
    case secure
    /// Also plain `http` on this machine itself, for trying things out.
    case secureOrLoopback

    private static let longest = 2048
    private static let loopback: Set = ["localhost", "127.0.0.1", "::1", "[::1]"]

    /// `text` as an address.
    ///
    /// - Parameter field: What the address is for, to name it in the problem.
    /// - Throws: `Problem` `identity-provider.address`.
    func check(_ text: String, field: String, mayHaveQuery: Bool = true) throws -> URL {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard text.utf8.count <= Self.longest, isPlain, let url = URL(string: text), let host = url.host(),
            !host.isEmpty
        else { throw ProviderProblem.address(field, "It is no web address.") }
        guard url.user() == nil, url.password() == nil, url.fragment() == nil, mayHaveQuery || url.query() == nil else {
            throw ProviderProblem.address(field, "It holds more than a host, a port and a path.")
        }
        let isSecure = url.scheme == "https"
        let isOwnMachine = self == .secureOrLoopback && url.scheme == "http" && Self.loopback.contains(host)
        guard isSecure || isOwnMachine else { throw ProviderProblem.address(field, "It does not begin with https.") }
        return url
    }
}

/// The name of a provider, by which it signs: exactly as it spells it itself (OpenID Connect Core §2).
public struct Issuer: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The provider's spelling.
    public let text: String

    /// - Throws: `Problem` `identity-provider.address` at `issuer`.
    public init(_ text: String, rule: AddressRule) throws {
        _ = try rule.check(text, field: "issuer", mayHaveQuery: false)
        self.text = text
    }

    /// Its host with the port, whatever its path: several issuers may be at one.
    public var authority: String {
        String(text.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }).lowercased()
    }

    /// Where it describes itself (OpenID Connect Discovery §4).
    public var metadataAddress: String {
        (text.hasSuffix("/") ? String(text.dropLast()) : text) + "/.well-known/openid-configuration"
    }

    /// As people and logs read it.
    public var description: String { text }

    /// Reads it as it is written in JSON.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes it as JSON has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
