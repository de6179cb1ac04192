import Kernel

/// The paragraphs of a Debian control file (deb822(5)): field name, lower case → value, continuation lines left out.
func controlParagraphs(_ bytes: [UInt8], fields wanted: Set<String>) -> [[String: String]] {
    var paragraphs: [[String: String]] = []
    var current: [String: String] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        if line.isEmpty || line.elementsEqual([UInt8(ascii: "\r")]) {
            if !current.isEmpty { paragraphs.append(current) }
            current = [:]
            continue
        }
        guard let first = line.first, first != 32, first != 9, let colon = line.firstIndex(of: UInt8(ascii: ":")),
            colon - line.startIndex <= 64
        else { continue }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        if wanted.contains(name) { current[name] = String(decoding: line[(colon + 1)...], as: UTF8.self).trimmed }
    }
    if !current.isEmpty { paragraphs.append(current) }
    return paragraphs
}

/// What apt has fetched: the archives' Release files and, where they are not compressed, their package lists.
struct PackageLists {
    struct Release {
        let label, suite, codename: String
        let date, validUntil: Instant?
        /// The beginning that the names of its package lists share.
        let prefix: String

        /// Told by the label, because the suite's name changes with each release: bookworm's is `oldstable-security` by now.
        var isSecurity: Bool {
            label == "Debian-Security" || suite.hasSuffix("-security") || codename.hasSuffix("-security")
        }
    }

    static let directory = "/var/lib/apt/lists"

    let releases: [Release]
    /// When apt last brought the lists up to date, as far as it can be told.
    let updatedAt: Instant?
    let isThere: Bool
    let names: [String]

    init(on reader: HostReader) {
        let listing = reader.list(PackageLists.directory)
        names = reader.names(in: PackageLists.directory)
        if case .names = listing { isThere = true } else { isThere = false }
        releases = names.filter { $0.hasSuffix("_InRelease") || $0.hasSuffix("_Release") }.compactMap { name in
            guard case .contents(let bytes) = reader.read("\(PackageLists.directory)/\(name)", 4 << 20) else {
                return nil
            }
            // A signed file has a paragraph of its own before the fields.
            let fields = controlParagraphs(
                bytes, fields: ["label", "suite", "codename", "date", "valid-until", "origin"]
            )
            .reduce(into: [:]) { $0.merge($1) { first, _ in first } }
            guard fields["label"] != nil || fields["suite"] != nil || fields["codename"] != nil else { return nil }
            return Release(
                label: fields["label"] ?? "", suite: fields["suite"] ?? "", codename: fields["codename"] ?? "",
                date: fields["date"].flatMap(writtenTime), validUntil: fields["valid-until"].flatMap(writtenTime),
                prefix: String(name.dropLast(name.hasSuffix("_InRelease") ? 9 : 7)))
        }
        var signs =
            names.filter { $0.contains("_") }.map { "\(PackageLists.directory)/\($0)" } + [
                "/var/lib/apt/periodic/update-success-stamp"
            ]
        // apt keeps the archive's times on files that did not change; only its working directory then shows the visit. In a
        // captured tree a directory's time tells of the capture.
        if !reader.isCaptured { signs.append("\(PackageLists.directory)/partial") }
        updatedAt = signs.compactMap { reader.modified($0) }.max()
    }

    /// The names of installed packages for which a security archive has a newer version; `nil` if the lists cannot be read here.
    func pendingSecurity(on reader: HostReader) -> [String]? {
        let lists = names.filter { name in
            name.hasSuffix("_Packages") && releases.contains { $0.isSecurity && name.hasPrefix($0.prefix) }
        }
        guard !lists.isEmpty, case .contents(let status) = reader.read("/var/lib/dpkg/status", 64 << 20) else {
            return nil
        }
        var candidates: [String: DebianVersion] = [:]
        for list in lists {
            guard case .contents(let bytes) = reader.read("\(PackageLists.directory)/\(list)", 64 << 20) else {
                return nil
            }
            for package in controlParagraphs(bytes, fields: ["package", "version", "architecture"]) {
                guard let name = package["package"], let text = package["version"] else { continue }
                let version = DebianVersion(text)
                let key = PackageLists.key(name, package["architecture"])
                if candidates[key].map({ $0 < version }) ?? true { candidates[key] = version }
            }
        }
        let installed = controlParagraphs(status, fields: ["package", "version", "architecture", "status"])
        guard !installed.isEmpty else { return nil }
        return installed.compactMap { package in
            guard let name = package["package"], let version = package["version"],
                package["status"]?.hasSuffix(" installed") == true,
                let candidate = candidates[PackageLists.key(name, package["architecture"])],
                DebianVersion(version) < candidate
            else { return nil }
            return name
        }
    }

    private static func key(_ name: String, _ architecture: String?) -> String {
        "\(name):\(architecture ?? "all")"
    }
}
