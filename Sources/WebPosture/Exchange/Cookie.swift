import Kernel

/// One cookie as a `Set-Cookie` field asks for it (RFC 6265 §5.2), before anybody decided whether to keep it.
public struct Cookie: Hashable, Sendable {
    /// To which requests from other sites a cookie goes.
    public enum SameSite: String, Hashable, Sendable, Codable {
        case strict, lax, none
    }

    /// The name; may be empty.
    public let name: String
    /// The value, quotation marks included.
    public let value: String
    /// The domain without a point in front, in lower case; `nil` if it is for one host only.
    public let domain: String?
    /// The path; `nil` if it follows from the page's.
    public let path: String?
    /// That it goes over encrypted connections only.
    public let isSecure: Bool
    /// That scripts do not see it.
    public let isHTTPOnly: Bool
    /// To which requests from other sites it goes; `nil` if nothing, or nothing known, was said.
    public let sameSite: SameSite?
    /// The value of `SameSite` as it stood there.
    public let sameSiteText: String?
    /// The seconds that it lives; counts before ``expires``.
    public let maxAge: Int?
    /// When it ends.
    public let expires: Instant?

    /// The most bytes of name and value together, as browsers have it.
    public static let sizeLimit = 4096

    /// Reads the value of a `Set-Cookie` field.
    ///
    /// - Returns: `nil` where a browser would ignore all of it: control characters, no name and no value, too large.
    public init?(_ field: String) {
        guard !field.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else { return nil }
        let pieces = field.split(separator: ";", omittingEmptySubsequences: false)
        let pair = Self.pair(pieces.first ?? "")
        // Without an equals sign what stands there is the value (RFC 6265bis §5.6).
        (name, value) = pair.value.map { (pair.name, $0) } ?? ("", pair.name)
        guard !(name.isEmpty && value.isEmpty), name.utf8.count + value.utf8.count <= Self.sizeLimit else { return nil }

        var attributes: [String: String] = [:]
        for piece in pieces.dropFirst() {
            let (name, value) = Self.pair(piece)
            // The last of each counts; what is longer than any of them can be is none.
            if (value ?? "").utf8.count <= 1024 { attributes[name.lowercased()] = value ?? "" }
        }
        let domain = attributes["domain"].map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }?.lowercased()
        self.domain = domain?.isEmpty == true ? nil : domain
        path = attributes["path"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        isSecure = attributes["secure"] != nil
        isHTTPOnly = attributes["httponly"] != nil
        sameSiteText = attributes["samesite"]
        sameSite = sameSiteText.flatMap { SameSite(rawValue: $0.lowercased()) }
        maxAge = attributes["max-age"].flatMap(Self.seconds)
        expires = attributes["expires"].flatMap(CookieDate.read)
    }

    /// Tells whether it asks to be forgotten at once.
    public func isExpired(at now: Instant) -> Bool {
        if let maxAge { return maxAge <= 0 }
        return expires.map { $0 <= now } ?? false
    }

    private static func pair(_ piece: Substring) -> (name: String, value: String?) {
        let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (trimmed(parts.first ?? ""), parts.count > 1 ? trimmed(parts[1]) : nil)
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let last = text.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(text[...last].drop(while: isBlank))
    }

    /// A number of seconds, as large as it may be; `nil` for anything else.
    private static func seconds(_ text: String) -> Int? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        // The longest that a browser keeps one is 400 days; more need not be told apart.
        return text.hasPrefix("-") ? 0 : Int(digits.prefix(12)).map { digits.count > 12 ? .max / 2 : $0 }
    }
}
