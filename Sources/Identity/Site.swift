import Kernel

/// Where a browser is, as it says itself in every request: passkeys work for that domain only.
public struct Site: Hashable, Sendable {
    /// `https://host`, with the port unless it is the usual one.
    public let origin: String
    /// The host name, which is the relying party's id.
    public let host: String

    /// The site behind the authority of a request.
    ///
    /// - Throws: `Problem` `passkey.site` where there is no host name.
    public init(authority: String) throws {
        let host = String(authority.prefix { $0 != ":" })
        guard !host.isEmpty, !authority.hasPrefix("["), authority.utf8.count <= 255 else {
            throw Problem(
                .invalid, code: "passkey.site", "Passkeys need a host name in the address.",
                hint: "Open the server by its name, not by a number.")
        }
        self.host = host
        origin = authority.hasSuffix(":443") ? "https://\(host)" : "https://\(authority)"
    }
}
