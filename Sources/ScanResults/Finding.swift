import Crypto
import Kernel

/// One thing that a scan found wrong, the same from scan to scan as long as its fingerprint is.
public struct Finding: Hashable, Sendable, Codable {
    /// Where it was found.
    public struct Location: Hashable, Sendable, Codable {
        /// The address without its fragment, or `host:port` of a server.
        public let address: String
        /// What of it: a cookie's or a header's name, a script's address, a form's target. Part of the fingerprint.
        public let part: String?

        /// A place out of its parts.
        public init(_ address: String, part: String? = nil) {
            self.address = address
            self.part = part
        }
    }

    /// The rule's stable name, such as `web.content-security-policy`, `tls.intermediate.ciphers` or `site.10038`.
    public let rule: String
    /// What the rule looks for, in a few words that are the same in every scan.
    public let title: String
    /// How bad it is.
    public let severity: Severity
    /// One sentence: what was found here. Names no length of time, which would be another one tomorrow.
    public let message: String
    /// Where it was found.
    public let location: Location
    /// A short piece of what was seen, if it says more; never a secret's value.
    public let evidence: String?
    /// What to do about it.
    public let fix: Fix?
    /// Its number in the Common Weakness Enumeration.
    public let weakness: Int?
    /// The rule's number in ZAP, where ZAP looks for the same.
    public let zapRule: Int?
    /// 64 hexadecimal digits that name rule and place, and nothing that changes by itself.
    public let fingerprint: String

    /// The most bytes of ``evidence`` that are kept.
    public static let evidenceLimit = 256

    /// The most bytes of ``message`` and of each piece of ``location`` that are kept: strangers wrote part of them.
    public static let textLimit = 2048

    /// A finding out of its parts.
    ///
    /// - Parameters:
    ///   - message: Cut after ``textLimit`` bytes, as the location's pieces are.
    ///   - evidence: Cut after ``evidenceLimit`` bytes.
    public init(
        rule: String, title: String, severity: Severity, _ message: String, at location: Location,
        evidence: String? = nil, fix: Fix? = nil, weakness: Int? = nil, zapRule: Int? = nil
    ) {
        self.rule = rule
        self.title = title
        self.severity = severity
        self.message = Self.cut(message, to: Self.textLimit)
        let location = Location(
            Self.cut(location.address, to: Self.textLimit), part: location.part.map { Self.cut($0, to: Self.textLimit) })
        self.location = location
        self.evidence = evidence.map { Self.cut($0, to: Self.evidenceLimit) }
        self.fix = fix
        self.weakness = weakness
        self.zapRule = zapRule
        fingerprint = Self.fingerprint(rule: rule, location: location)
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }

    /// The hash of what stays: the rule, the address without its query, and the part.
    private static func fingerprint(rule: String, location: Location) -> String {
        let address = location.address.prefix { $0 != "?" && $0 != "#" }
        var hash = SHA256()
        for piece in [rule, String(address), location.part ?? ""] {
            hash.update(data: Array(piece.utf8))
            hash.update(data: [0])
        }
        return Array(hash.finalize()).hex
    }
}
