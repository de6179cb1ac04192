import Crypto
import Kernel
import ScanResults

/// JavaScript libraries and the holes that are known in them, in the data format of Retire.js.
///
/// The file is somebody else's and changes every week, so whoever scans brings it.
public struct KnownLibraries: Sendable {
    /// A library that was recognised.
    public struct Recognised: Hashable, Sendable {
        /// Its name in the file.
        public let name: String
        /// Its version.
        public let version: String

        /// A library out of its parts.
        public init(name: String, version: String) {
            self.name = name
            // A pattern takes what tells the small edition of a file for a part of the version.
            let isSmall = version.hasSuffix(".min") || version.hasSuffix("-min")
            self.version = isSmall ? String(version.dropLast(4)) : version
        }
    }

    private struct Pattern: Sendable {
        let library: String
        let pattern: BoundedPattern
        /// What the version is made of, for those that put it together: text with `$1`, `$2` and so on.
        var template: String?
    }

    private struct Hole: Sendable {
        let concerns: @Sendable (String) -> Bool
        let severity: Severity
        let names: [String]
        let summary: String?
        let weakness: Int?
    }

    private var ofAddress: [Pattern] = []
    private var ofFileName: [Pattern] = []
    private var ofContent: [Pattern] = []
    private var ignored: [BoundedPattern] = []
    private var hashes: [String: Recognised] = [:]
    private var holes: [String: [Hole]] = [:]
    /// Patterns of the file that cannot be run here.
    public private(set) var unreadable = 0

    /// How many libraries the file knows.
    public var count: Int { holes.count }

    /// The most bytes of a script that are searched.
    public static let contentLimit = 2 << 20
    private static let notChecked = "dont check"

    /// Reads a file of Retire.js, such as its `jsrepository.json`.
    ///
    /// - Throws: `Problem` (invalid) `scan.libraries` if it is none.
    public init(_ bytes: [UInt8]) throws(Problem) {
        for (name, entry) in try LibraryEntry.read(bytes).sorted(by: { $0.key < $1.key }) {
            guard let extractors = entry.extractors else { continue }
            if name == Self.notChecked {
                ignored = ((extractors.uri ?? []) + (extractors.filename ?? [])).compactMap(BoundedPattern.init)
                continue
            }
            ofAddress += patterns(extractors.uri, name)
            ofFileName += patterns(extractors.filename, name)
            ofContent += patterns(extractors.filecontent, name) + replacing(extractors.filecontentreplace, name)
            for (hash, version) in extractors.hashes ?? [:] {
                hashes[hash.lowercased()] = Recognised(name: name, version: version)
            }
            holes[name] = (entry.vulnerabilities ?? []).map { hole in
                Hole(
                    concerns: { hole.concerns($0) }, severity: hole.severity, names: hole.identifiers?.names ?? [],
                    summary: hole.identifiers?.summary ?? hole.summary,
                    weakness: hole.weaknesses.lazy.compactMap { Int($0.drop { !$0.isNumber }) }.first)
            }
        }
    }

    private mutating func patterns(_ texts: [String]?, _ library: String) -> [Pattern] {
        (texts ?? []).compactMap { text in
            guard let pattern = BoundedPattern(text) else {
                unreadable += 1
                return nil
            }
            return Pattern(library: library, pattern: pattern)
        }
    }

    /// Those that are written `/pattern/template/`.
    private mutating func replacing(_ texts: [String]?, _ library: String) -> [Pattern] {
        (texts ?? []).compactMap { text in
            let body = text.dropFirst().dropLast()
            guard text.hasPrefix("/"), text.hasSuffix("/"), let slash = body.lastIndex(of: "/"),
                let pattern = BoundedPattern(String(body[..<slash]))
            else {
                unreadable += 1
                return nil
            }
            return Pattern(library: library, pattern: pattern, template: String(body[body.index(after: slash)...]))
        }
    }

    /// What the address of a script tells.
    public func recognised(by address: WebAddress) -> [Recognised] {
        let text = Array(address.description.utf8)
        guard !ignored.contains(where: { $0.firstMatch(in: text) != nil }) else { return [] }
        let name = Array((address.path.split(separator: "/").last ?? "").utf8)
        return (matches(of: ofAddress, in: text) + matches(of: ofFileName, in: name)).uniqued
    }

    /// What the content of a script tells: its text, or else the hash of the whole.
    public func recognised(in content: [UInt8]) -> [Recognised] {
        let text = content.count > Self.contentLimit ? Array(content.prefix(Self.contentLimit)) : content
        let found = matches(of: ofContent, in: text)
        guard found.isEmpty, !hashes.isEmpty else { return found.uniqued }
        // Not for security: the file names known content by this hash.
        let hash = Insecure.SHA1.hash(data: content).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return hashes[hash].map { [$0] } ?? []
    }

    private func matches(of patterns: [Pattern], in text: [UInt8]) -> [Recognised] {
        patterns.compactMap { pattern in
            guard let groups = pattern.pattern.firstMatch(in: text) else { return nil }
            let group = { (index: Int) in
                index < groups.count ? groups[index].map { String(decoding: text[$0].prefix(100), as: UTF8.self) } : nil
            }
            guard let template = pattern.template else {
                return group(1).map { Recognised(name: pattern.library, version: $0) }
            }
            let version = (1..<10).reduce(template) { text, index in
                text.replacing("$\(index)", with: group(index) ?? "")
            }
            return Recognised(name: pattern.library, version: version)
        }
    }

    /// The finding that a recognised library is; `nil` if no hole is known in that version.
    ///
    /// - Parameters:
    ///   - page: Where it was found.
    ///   - script: The script's address; `nil` if it stands in the page.
    func finding(_ library: Recognised, on page: WebAddress, script: WebAddress?) -> Finding? {
        let concerned = (holes[library.name] ?? []).filter { $0.concerns(library.version) }
        guard let severity = concerned.map(\.severity).max() else { return nil }
        let names = concerned.flatMap(\.names).uniqued.prefix(8).joined(separator: ", ")
        let summary = concerned.max { $0.severity < $1.severity }?.summary
        return Finding(
            rule: "site.10003", title: "JavaScript library with known holes", severity: severity,
            "\(library.name) \(library.version) has known holes\(names.isEmpty ? "" : ": \(names)").",
            at: Finding.Location(page.description, part: script?.withoutQuery.description ?? library.name),
            evidence: summary, fix: Fix("Update \(library.name) to a version without them, or do without it."),
            weakness: concerned.lazy.compactMap(\.weakness).first ?? 1395, zapRule: 10003)
    }

    /// What a page or a script that was fetched tells of the libraries in it and of those that it loads.
    public func findings(on page: PassivePage) -> [Finding] {
        var findings: [Finding] = []
        if page.isScript {
            let found = (recognised(by: page.address) + recognised(in: page.response.body)).uniqued
            findings = found.compactMap { finding($0, on: page.address, script: page.address) }
        } else if let document = page.document {
            let scripts = document.tags.filter { $0.name == "script" }.compactMap { $0["src"] }.compactMap(
                page.resolved)
            for script in scripts.uniqued.prefix(100) {
                findings += recognised(by: script).compactMap { finding($0, on: page.address, script: script) }
            }
            let inline = Array(document.scripts.joined(separator: "\n").utf8)
            if !inline.isEmpty {
                findings += recognised(in: inline).compactMap { finding($0, on: page.address, script: nil) }
            }
        }
        return findings
    }
}
