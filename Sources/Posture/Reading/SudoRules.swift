import Foundation
import Kernel

/// What sudo allows without asking for a password, and whom it serves by name (sudoers(5)).
struct SudoRules {
    /// Where a password is waived, as `file:line`, or as cvtsudoers tells it.
    private(set) var waivers: [String] = []
    /// Accounts and `%groups` that stand in a rule themselves.
    private(set) var grantees: Set<String> = []
    private(set) var files: [String] = []
    private(set) var isDenied = false
    private(set) var obstacle: String?
    /// There is a `/etc/sudoers`, readable or not.
    private(set) var isThere = false

    /// Reads `/etc/sudoers` and what it includes, and the answer of cvtsudoers where a tree holds one.
    init(on reader: HostReader) {
        readFile("/etc/sudoers", on: reader, depth: 0)
        // On a running machine the files are the truth; the command adds what it was captured for.
        if files.isEmpty, case .finished(0, let output) = reader.run(.sudoRules), readJSON(output) {
            isThere = true
            isDenied = false
            obstacle = nil
            files = ["cvtsudoers -f json"]
        }
    }

    private mutating func readFile(_ path: String, on reader: HostReader, depth: Int) {
        // sudo itself stops at 128 levels.
        guard depth < 32, files.count < 256 else {
            obstacle = "too many includes at \(path)"
            return
        }
        switch reader.lines(path) {
        case .lines(let lines):
            isThere = true
            files.append(path)
            for (number, line) in joinedLines(lines) {
                readLine(line, place: "\(path):\(number)", on: reader, depth: depth)
            }
        case .denied:
            isThere = true
            isDenied = true
        case .missing: if depth > 0 { obstacle = "\(path) is included and missing" }
        case .unusable(let reason):
            isThere = true
            obstacle = reason
        }
    }

    private mutating func readLine(_ line: String, place: String, on reader: HostReader, depth: Int) {
        let words = line.words
        guard let first = words.first else { return }
        let target = words.count > 1 ? words[1...].joined(separator: " ").replacing("\"", with: "") : ""
        switch first {
        case "@include", "#include": readFile(SudoRules.absolute(target), on: reader, depth: depth + 1)
        case "@includedir", "#includedir": readDirectory(SudoRules.absolute(target), on: reader, depth: depth)
        case _ where first.hasPrefix("#"): return
        case _ where first.hasPrefix("Defaults"):
            let text = SudoRules.withoutComment(line).filter { $0 != " " && $0 != "\t" }
            if text.contains("!authenticate") || text.contains("exempt_group") { waivers.append(place) }
        case _ where first.hasSuffix("_Alias"): return
        default:
            let rule = SudoRules.withoutComment(line)
            guard let (left, right) = rule.cut(at: "=") else { return }
            if right.filter({ $0 != " " && $0 != "\t" }).contains("NOPASSWD:") { waivers.append(place) }
            // user-list host-list = …; the host list is the last word on the left.
            for user in left.words.dropLast().joined(separator: " ").split(separator: ",") where !user.trimmed.isEmpty {
                grantees.insert(user.trimmed)
            }
        }
    }

    private mutating func readDirectory(_ path: String, on reader: HostReader, depth: Int) {
        switch reader.list(path) {
        // sudo skips names with a point or a tilde at the end, and so must we: such a file grants nothing.
        case .names(let names):
            for name in names where !name.contains(".") && !name.hasSuffix("~") {
                readFile("\(path)/\(name)", on: reader, depth: depth + 1)
            }
        case .denied: isDenied = true
        default: break
        }
    }

    /// `cvtsudoers -f json`: any `"authenticate": false` among options or defaults, any user name.
    private mutating func readJSON(_ bytes: [UInt8]) -> Bool {
        guard let root = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else { return false }
        walk(root, place: "", depth: 0)
        return root["User_Specs"] != nil || root["Defaults"] != nil
    }

    private mutating func walk(_ value: Any, place: String, depth: Int) {
        guard depth < 64 else { return }
        if let list = value as? [Any] {
            for (index, item) in list.enumerated() { walk(item, place: "\(place)[\(index)]", depth: depth + 1) }
        } else if let object = value as? [String: Any] {
            if object["authenticate"] as? Bool == false { waivers.append("cvtsudoers: \(place)") }
            if object["exempt_group"] is String { waivers.append("cvtsudoers: \(place)") }
            for (key, item) in object.sorted(by: { $0.key < $1.key }) {
                if key == "User_List", let users = item as? [[String: Any]] {
                    for user in users {
                        if let name = user["username"] as? String { grantees.insert(name) }
                        if let name = user["usergroup"] as? String { grantees.insert("%" + name) }
                    }
                }
                walk(item, place: place.isEmpty ? key : "\(place).\(key)", depth: depth + 1)
            }
        }
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "/etc/" + path
    }

    /// A `#` begins a comment, unless digits follow, which make it a user number.
    static func withoutComment(_ line: String) -> String {
        let characters = Array(line)
        for (index, character) in characters.enumerated() where character == "#" {
            let isNumber = index + 1 < characters.count && characters[index + 1].isNumber
            let isEscaped = index > 0 && characters[index - 1] == "\\"
            if !isNumber, !isEscaped { return String(characters[..<index]) }
        }
        return line
    }
}
