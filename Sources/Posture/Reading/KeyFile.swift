/// A file of `[groups]` with `key = value` lines, as GLib, systemd, lightdm, gdm and KDE write them.
struct KeyFile {
    /// Group → key → the last value given.
    private(set) var groups: [String: [String: String]] = [:]

    init() {}

    init(_ lines: [String]) {
        merge(lines)
    }

    /// Reads further lines over what is there: later files override earlier ones.
    mutating func merge(_ lines: [String]) {
        var group = ""
        for line in lines {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                group = line[line.index(after: line.startIndex)..<end].trimmed
                groups[group, default: [:]] = groups[group] ?? [:]
            } else if let (key, value) = line.cut(at: "=") {
                groups[group, default: [:]][key] = value
            }
        }
    }

    /// The value of `key` in `group`, without the quotes around it.
    func value(_ group: String, _ key: String) -> String? {
        groups[group]?[key].map {
            $0.count >= 2 && $0.hasPrefix("\"") && $0.hasSuffix("\"") ? String($0.dropFirst().dropLast()) : $0
        }
    }

    /// Whether the value says yes.
    func isTrue(_ group: String, _ key: String) -> Bool {
        ["true", "yes", "1", "on"].contains(value(group, key)?.lowercased() ?? "")
    }
}

/// `KEY=value` lines of os-release(5) and its like, quotes removed.
func shellAssignments(_ lines: [String]) -> [String: String] {
    var values: [String: String] = [:]
    for line in lines where !line.trimmed.hasPrefix("#") {
        guard let (key, value) = line.cut(at: "=") else { continue }
        let quote = value.first
        let isQuoted = value.count >= 2 && (quote == "\"" || quote == "'") && value.last == quote
        values[key] = isQuoted ? String(value.dropFirst().dropLast()) : value
    }
    return values
}
