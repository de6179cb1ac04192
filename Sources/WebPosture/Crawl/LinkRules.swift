import Foundation

/// Which links a crawler follows: those that a visitor could open any number of times without changing anything.
public struct LinkRules: Hashable, Sendable {
    /// Why a link is not followed.
    public enum Refusal: String, Hashable, Sendable, Codable, CaseIterable {
        /// It leads to another origin.
        case otherOrigin = "other-origin"
        /// Its address or its text speaks of signing out, deleting or the like.
        case harmful
        /// It holds somebody's session or a secret, which following might use up.
        case secret
        /// It leads to what is no page.
        case notAPage = "not-a-page"
        /// The site asks crawlers not to.
        case robots
        /// It goes round in a circle, or is one of many alike.
        case trap
        /// It is deeper than the scan goes.
        case depth
        /// The scan has as many pages as it wants.
        case pages
    }

    /// The site.
    public let origin: WebAddress
    /// What the site asks for.
    public let robots: RobotsRules

    /// Rules for the pages of one origin.
    public init(origin: WebAddress, robots: RobotsRules) {
        self.origin = origin
        self.robots = robots
    }

    /// Why a link must not be followed, as far as the link alone tells; `nil` if it may be.
    ///
    /// - Parameters:
    ///   - address: Where it leads.
    ///   - text: What stands on it.
    ///   - method: The method that a script would send instead.
    ///   - isScript: That it is a script which the page loads, and so need not look like a page.
    public func refusal(
        of address: WebAddress, text: String = "", method: String? = nil, isScript: Bool = false
    ) -> Refusal? {
        guard address.hasSameOrigin(as: origin) else { return .otherOrigin }
        if let method, method.lowercased() != "get" { return .harmful }
        let plainPath = address.path.removingPercentEncoding ?? address.path
        let plainQuery = address.query.map { $0.removingPercentEncoding ?? $0 } ?? ""
        if HarmfulWords.stand(in: plainPath) || HarmfulWords.stand(in: plainQuery) { return .harmful }
        // Too short for a path, where it is a common word of several languages.
        if plainQuery.lowercased().split(whereSeparator: { !$0.isLetter }).contains("del") { return .harmful }
        // A long text is a heading that speaks about something; a short one is what a button says.
        let words = text.split(whereSeparator: \.isWhitespace)
        if words.count <= 5, HarmfulWords.stand(in: words.joined(separator: " ")) { return .harmful }
        if AddressSecrets.finds(in: address).contains(where: { $0.kind != .person }) { return .secret }
        if !isScript, !Self.mayBePage(address.path) { return .notAPage }
        if Self.isCircular(address.path) || address.target.utf8.count > 2048 { return .trap }
        return robots.allows(address.target) ? nil : .robots
    }

    private static let otherThanPages: Set = [
        "7z", "aac", "apk", "avi", "avif", "bin", "bmp", "bz2", "css", "csv", "deb", "dmg", "doc", "docx", "eot",
        "epub", "exe",
        "flac", "flv", "gif", "gz", "ico", "ics", "iso", "jar", "jpeg", "jpg", "js", "m4a", "m4v", "map", "mid", "mjs",
        "mkv",
        "mov", "mp3", "mp4", "mpeg", "mpg", "msi", "odp", "ods", "odt", "ogg", "ogv", "otf", "pdf", "pkg", "png", "ppt",
        "pptx", "ps", "rar", "rpm", "rtf", "svg", "tar", "tgz", "tif", "tiff", "ttf", "wasm", "wav", "webm", "webp",
        "wmv",
        "woff", "woff2", "xls", "xlsx", "xz", "zip", "zst",
    ]

    /// Tells whether the name at the path's end can be one of a page.
    static func mayBePage(_ path: String) -> Bool {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return true }
        return !otherThanPages.contains(name[name.index(after: point)...].lowercased())
    }

    /// Tells whether the same segments come again and again: a wrong relative link makes paths that never end.
    static func isCircular(_ path: String) -> Bool {
        let segments = path.split(separator: "/")
        guard segments.count >= 3 else { return false }
        if segments.count > 24 { return true }
        for length in 1...(segments.count / 3) {
            for start in 0...(segments.count - 3 * length) {
                let first = segments[start..<(start + length)]
                if first.elementsEqual(segments[(start + length)..<(start + 2 * length)]),
                    first.elementsEqual(segments[(start + 2 * length)..<(start + 3 * length)])
                {
                    return true
                }
            }
        }
        return false
    }
}

extension WebAddress {
    /// The address with what tells one of many from the others left out: numbers, dates, long identifiers and the values of
    /// the query. Pages of one template have one pattern.
    var pattern: String {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map(Self.pattern)
        let names = (query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" } }.sorted()
        return segments.joined(separator: "/") + (query == nil ? "" : "?" + names.joined(separator: "&"))
    }

    private static func pattern(_ segment: Substring) -> String {
        var pattern = ""
        var letters = 0
        var digits = 0
        for byte in segment.utf8 {
            if byte.isDigit {
                digits += 1
                if !pattern.hasSuffix("#") { pattern += "#" }
            } else {
                letters += 1
                pattern.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        // What is long and half digits is an identifier, whatever letters it holds.
        return segment.utf8.count >= 16 && digits * 4 >= letters ? "#" : pattern
    }
}
