import Kernel

/// The settings of an SSH server, out of its configuration files (sshd_config(5)).
///
/// As the server does it: in the global section the first value of a keyword counts; the values of a `Match` block
/// that applies override it, the first block that sets one counting; `Include` is expanded where it stands, in lexical
/// order, and a block opened inside an included file ends with that file.
struct SSHDaemonConfig {
    /// The settings of one `Match` block.
    struct Block {
        /// Its criteria, lower-case names, as written.
        let criteria: [(name: String, patterns: [String])]
        /// Where it begins, such as `/etc/ssh/sshd_config:57`.
        let place: String
        var settings: [String: String] = [:]

        /// `Match all`: what follows holds for everyone.
        var isForAll: Bool { criteria.allSatisfy { $0.name == "all" } }
    }

    private(set) var global: [String: String] = [:]
    private(set) var blocks: [Block] = []
    private(set) var files: [String] = []
    /// Files that are included and could not be read, with the reason.
    private(set) var unread: [String] = []
    /// The newest change of any file.
    private(set) var modified: Instant?

    private static let main = "/etc/ssh/sshd_config"
    private static let limit = 1 << 20

    /// Reads the main file and all that it includes.
    init(on reader: HostReader) {
        var current: Int?
        readFile(SSHDaemonConfig.main, reader: reader, depth: 0, block: &current)
    }

    private mutating func readFile(_ path: String, reader: HostReader, depth: Int, block: inout Int?) {
        // The server itself refuses more than 16 levels.
        guard depth < 16, files.count < 256 else { return unread.append("\(path): too many includes") }
        switch reader.lines(path, limit: SSHDaemonConfig.limit) {
        case .lines(let lines):
            files.append(path)
            if let changed = reader.modified(path) { modified = max(modified ?? changed, changed) }
            for (index, line) in lines.enumerated() {
                readLine(line, place: "\(path):\(index + 1)", reader: reader, depth: depth, block: &block)
            }
        case .missing: unread.append("\(path) is missing")
        case .denied: unread.append("\(path) may only be read by root")
        case .unusable(let reason): unread.append(reason)
        }
    }

    private mutating func readLine(_ line: String, place: String, reader: HostReader, depth: Int, block: inout Int?) {
        let words = SSHDaemonConfig.words(line)
        guard let first = words.first?.lowercased(), words.count > 1 else { return }
        let values = Array(words.dropFirst())
        switch first {
        case "include":
            for pattern in values where unread.count < 64 {
                for path in SSHDaemonConfig.paths(matching: pattern, reader: reader) {
                    var inner = block
                    readFile(path, reader: reader, depth: depth + 1, block: &inner)
                }
            }
        case "match":
            blocks.append(Block(criteria: SSHDaemonConfig.criteria(values), place: place))
            block = blocks.count - 1
        default:
            let name = SSHDaemonConfig.canonical(first)
            let value = values.joined(separator: " ")
            if let block {
                if blocks[block].settings[name] == nil { blocks[block].settings[name] = value }
            } else if global[name] == nil {
                global[name] = value
            }
        }
    }

    /// The older names of one setting.
    static func canonical(_ name: String) -> String {
        switch name {
        case "challengeresponseauthentication", "skeyauthentication": "kbdinteractiveauthentication"
        default: name
        }
    }

    private static func criteria(_ words: [String]) -> [(name: String, patterns: [String])] {
        var criteria: [(name: String, patterns: [String])] = []
        var rest = words[...]
        while let name = rest.popFirst() {
            // OpenSSH 9.9 and newer also take name=value.
            if let (key, value) = name.cut(at: "=") {
                criteria.append((key.lowercased(), value.split(separator: ",").map(String.init)))
            } else if ["all", "invalid-user", "canonical", "final"].contains(name.lowercased()) {
                criteria.append((name.lowercased(), []))
            } else {
                criteria.append((name.lowercased(), rest.popFirst()?.split(separator: ",").map(String.init) ?? []))
            }
        }
        return criteria
    }

    private static func paths(matching pattern: String, reader: HostReader) -> [String] {
        let path = pattern.hasPrefix("/") ? pattern : "/etc/ssh/\(pattern)"
        var found = [""]
        for component in path.split(separator: "/") {
            let glob = GlobPattern(component)
            guard glob.hasWildcard else {
                found = found.map { "\($0)/\(component)" }
                continue
            }
            found = found.flatMap { directory in
                reader.names(in: directory.isEmpty ? "/" : directory)
                    .filter { glob.matches($0) && (!$0.hasPrefix(".") || component.hasPrefix(".")) }
                    .map { "\(directory)/\($0)" }
            }
        }
        return found.filter { reader.exists($0) }.sorted()
    }

    /// The words of a line: the keyword ends at blanks or `=`, quotes hold words together, `#` begins a comment.
    static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var isOpen = false
        for character in line {
            if let end = quote {
                if character == end { quote = nil } else { word.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                isOpen = true
            } else if character == "#", !isOpen {
                break
            } else if character == " " || character == "\t" || (character == "=" && words.isEmpty) {
                if isOpen { words.append(word) }
                word = ""
                isOpen = false
            } else {
                word.append(character)
                isOpen = true
            }
        }
        if isOpen { words.append(word) }
        return words.first == "" ? Array(words.dropFirst()) : words
    }
}
