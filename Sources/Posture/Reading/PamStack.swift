import Kernel

/// The modules that a PAM service really calls, includes followed (pam.conf(5)).
struct PamStack {
    struct Module {
        /// `auth`, `account`, `password` or `session`.
        let kind: String
        let control: String
        /// `pam_pwquality.so`, without its directory.
        let name: String
        let arguments: [String]
        /// The file and line it stands in.
        let place: String

        /// The value of `name=value` among the arguments, the last one counting.
        func argument(_ name: String) -> String? {
            arguments.compactMap { $0.after(name + "=") }.last
        }

        /// Whether the module's refusal counts for anything.
        var decides: Bool {
            if control == "optional" { return false }
            guard control.hasPrefix("[") else { return true }
            // A jump on success leaps over pam_deny.so, into which a refusal runs.
            return control.contains("=die") || control.contains("=bad") || control.contains("success=")
        }
    }

    private(set) var modules: [Module] = []
    private(set) var isDenied = false
    private(set) var files: [String] = []

    /// Reads the first of `services` that exists in `/etc/pam.d`, then the ones in `/usr/lib/pam.d`.
    ///
    /// - Returns: `nil` if none does.
    init?(services: [String], on reader: HostReader) {
        for directory in ["/etc/pam.d", "/usr/lib/pam.d"] {
            for service in services where reader.exists("\(directory)/\(service)") {
                readFile(service, only: nil, on: reader, depth: 0)
                if !files.isEmpty || isDenied { return }
            }
        }
        return nil
    }

    private mutating func readFile(_ service: String, only kind: String?, on reader: HostReader, depth: Int) {
        guard depth < 16, files.count < 64, !service.contains("..") else { return }
        let paths = service.hasPrefix("/") ? [service] : ["/etc/pam.d/\(service)", "/usr/lib/pam.d/\(service)"]
        guard let path = reader.first(of: paths) else { return }
        switch reader.lines(path) {
        case .lines(let lines):
            files.append(path)
            for (number, line) in joinedLines(lines, prepare: withoutHash) {
                readLine(line, place: "\(path):\(number)", only: kind, on: reader, depth: depth)
            }
        case .denied: isDenied = true
        default: break
        }
    }

    private mutating func readLine(
        _ line: String, place: String, only wanted: String?, on reader: HostReader, depth: Int
    ) {
        let words = PamStack.words(line)
        guard let first = words.first?.lowercased(), words.count >= 2 else { return }
        if first == "@include" { return readFile(words[1], only: wanted, on: reader, depth: depth + 1) }
        let kind = first.hasPrefix("-") ? String(first.dropFirst()) : first
        guard words.count >= 3, wanted == nil || wanted == kind else { return }
        if ["include", "substack"].contains(words[1].lowercased()) {
            return readFile(words[2], only: kind, on: reader, depth: depth + 1)
        }
        modules.append(
            Module(
                kind: kind, control: words[1].lowercased(),
                name: words[2].split(separator: "/").last.map(String.init) ?? words[2],
                arguments: Array(words.dropFirst(3)), place: place))
    }

    /// Words, of which one in brackets may hold blanks: `[success=1 default=ignore]`.
    static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isBracketed = false
        for character in line {
            if character == "[", word.isEmpty { isBracketed = true }
            if !isBracketed, character == " " || character == "\t" {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
                if character == "]" { isBracketed = false }
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}

/// A line up to its comment, as PAM's files have them.
private func withoutHash(_ line: String) -> String {
    line.firstIndex(of: "#").map { String(line[..<$0]) } ?? line
}

/// `key = value` lines of the files in `/etc/security`; a key alone stands for `yes`.
func securitySettings(_ lines: [String], over earlier: [String: String] = [:]) -> [String: String] {
    var settings = earlier
    for (_, line) in joinedLines(lines, prepare: withoutHash) {
        if let (key, value) = line.cut(at: "=") {
            settings[key.lowercased()] = value
        } else if line.words.count == 1 {
            settings[line.trimmed.lowercased()] = "yes"
        }
    }
    return settings
}
