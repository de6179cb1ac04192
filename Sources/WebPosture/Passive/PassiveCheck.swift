import Kernel
import ScanResults

/// One thing that is wrong with a page and shows in the answer alone: nothing is sent to find it.
public struct PassiveCheck: Sendable {
    /// What a check found on one page.
    public struct Hit: Hashable, Sendable {
        /// One sentence.
        public let message: String
        /// What of the page: a header's or a cookie's name, an address.
        public let part: String?
        /// A short piece of what was seen; never a secret's value.
        public let evidence: String?
        /// How bad it is, if otherwise than usual.
        public let severity: Severity?

        init(_ message: String, part: String? = nil, evidence: String? = nil, severity: Severity? = nil) {
            self.message = message
            self.part = part
            self.evidence = evidence
            self.severity = severity
        }
    }

    /// The number of the rule of ZAP that looks for the same.
    public let zapRule: Int
    /// Its number in the Common Weakness Enumeration.
    public let weakness: Int
    /// How bad it usually is.
    public let severity: Severity
    /// What it looks for, in a few words.
    public let title: String
    /// What to do about it.
    public let fix: Fix
    /// That it is often right and seldom useful, and so is asked for by name only.
    public let isNoisy: Bool

    private let find: @Sendable (PassivePage) -> [Hit]

    init(
        _ zapRule: Int, _ title: String, weakness: Int, _ severity: Severity, fix: Fix, isNoisy: Bool = false,
        _ find: @escaping @Sendable (PassivePage) -> [Hit]
    ) {
        self.zapRule = zapRule
        self.weakness = weakness
        self.severity = severity
        self.title = title
        self.fix = fix
        self.isNoisy = isNoisy
        self.find = find
    }

    /// The rule's stable name, such as `site.10038`.
    public var rule: String { "site.\(zapRule)" }

    /// The most findings of one check on one page.
    public static let limit = 20

    /// What is wrong with a page.
    public func findings(on page: PassivePage) -> [Finding] {
        find(page).uniqued.prefix(Self.limit).map { hit in
            Finding(
                rule: rule, title: title, severity: hit.severity ?? severity, hit.message,
                at: Finding.Location(page.address.description, part: hit.part), evidence: hit.evidence, fix: fix,
                weakness: weakness, zapRule: zapRule)
        }
    }

    /// Every check that is built in.
    public static let all: [PassiveCheck] =
        headerChecks + cookieChecks + transportChecks + scriptChecks + errorChecks + disclosureChecks
        + noisyChecks
}
