/// What `apt-get -s upgrade` or `apt list --upgradable` would upgrade.
struct PendingUpgrades {
    /// The packages that come from a security archive, and how many come from elsewhere.
    let security: [String]
    let others: Int
    /// Packages that a plain upgrade holds back: they may be security updates just as well.
    let keptBack: [String]

    /// - Parameter securitySuites: the suites that the archives' own labels call security.
    /// - Returns: `nil` if this is no answer of apt's, or one that says that it failed.
    init?(_ lines: [String], securitySuites: Set<String> = []) {
        var security: [String] = []
        var others = 0
        var keptBack: [String] = []
        var isRecognised = false
        var isListingKept = false
        for line in lines {
            if line.hasPrefix("E:") { return nil }
            if line.hasPrefix("Reading package lists") || line.hasPrefix("Listing...")
                || line.contains(" newly installed, ") || line.hasPrefix("All packages are up to date")
            {
                isRecognised = true
            }
            if isListingKept, line.hasPrefix("  ") { keptBack += line.words }
            if !line.hasPrefix("  ") { isListingKept = line.hasPrefix("The following packages have been kept back") }
            let name: String
            let origin: String
            if let rest = line.after("Inst "), let first = rest.words.first, let open = rest.firstIndex(of: "("),
                let close = rest.lastIndex(of: ")"), open < close
            {
                name = first
                origin = String(rest[open...close])
                // A package that is not there yet has no version in brackets before the new one: it is no pending fix of its own.
                if !rest[..<open].contains("[") { continue }
            } else if line.contains("upgradable from:"), let slash = line.firstIndex(of: "/") {
                name = String(line[..<slash])
                origin = line[line.index(after: slash)...].words.first ?? ""
            } else {
                continue
            }
            isRecognised = true
            if PendingUpgrades.isSecurity(origin, suites: securitySuites) { security.append(name) } else { others += 1 }
        }
        guard isRecognised else { return nil }
        self.security = security
        self.others = others
        self.keptBack = keptBack
    }

    /// `(3.0.17 Debian-Security:12/oldstable-security [amd64])`, `Ubuntu:22.04/jammy-security`, `oldstable-security,now`.
    static func isSecurity(_ origin: String, suites: Set<String> = []) -> Bool {
        if origin.contains("Debian-Security:") { return true }
        return origin.split(whereSeparator: { ", ()[]".contains($0) }).contains { part in
            part.hasSuffix("-security") || part.split(separator: "/").last.map { suites.contains(String($0)) } == true
        }
    }
}
