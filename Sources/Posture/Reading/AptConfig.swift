/// apt's configuration (apt.conf(5)), flattened: `APT::Periodic::Enable` → its values. Names are kept in lower case.
///
/// The same grammar reads the files and what `apt-config dump` prints.
struct AptConfig {
    private(set) var values: [String: [String]] = [:]

    /// Reads further text over what is there.
    mutating func merge(_ text: String) {
        var tokens = AptConfig.tokens(text)[...]
        var scopes: [String] = []
        var pending: [String] = []
        while let token = tokens.popFirst() {
            switch token {
            case .open:
                scopes.append(pending.first ?? "")
                pending = []
            case .close:
                _ = scopes.popLast()
                pending = []
            case .end:
                take(pending, in: scopes)
                pending = []
            case .word(let word): pending.append(word)
            }
        }
    }

    /// The last value given, which counts for what is no list.
    func last(_ name: String) -> String? {
        values[name.lowercased()]?.last
    }

    /// All values of a list.
    func list(_ name: String) -> [String] {
        values[name.lowercased()] ?? []
    }

    private mutating func take(_ words: [String], in scopes: [String]) {
        guard let first = words.first else { return }
        if first.lowercased() == "#clear" {
            for name in words.dropFirst() {
                let name = name.lowercased()
                for key in values.keys where key == name || key.hasPrefix(name + "::") { values[key] = nil }
            }
            return
        }
        let scope = scopes.prefix(64).filter { !$0.isEmpty }
        // A lone word within braces is a value of the list itself; `Name:: "value"` adds to a list.
        let isValueAlone = words.count == 1 && !scope.isEmpty
        var name = (isValueAlone ? scope : scope + [first]).joined(separator: "::").lowercased()
        while name.hasSuffix("::") { name.removeLast(2) }
        if let value = isValueAlone ? first : words.dropFirst().first { values[name, default: []].append(value) }
    }

    private enum Token {
        case word(String)
        case open, close, end
    }

    private static func tokens(_ text: String) -> [Token] {
        var tokens: [Token] = []
        var word = ""
        var isInWord = false
        var index = 0
        let bytes = Array(text.unicodeScalars)
        func next(_ offset: Int = 1) -> Unicode.Scalar? { index + offset < bytes.count ? bytes[index + offset] : nil }
        func flush() {
            if isInWord { tokens.append(.word(word)) }
            word = ""
            isInWord = false
        }
        while index < bytes.count {
            let scalar = bytes[index]
            switch scalar {
            case "\"":
                isInWord = true
                index += 1
                while index < bytes.count, bytes[index] != "\"", bytes[index] != "\n" {
                    word.unicodeScalars.append(bytes[index])
                    index += 1
                }
            case "/" where next() == "/" && !isInWord, "#" where !isInWord && next() != "c" && next() != "i":
                while index < bytes.count, bytes[index] != "\n" { index += 1 }
            case "/" where next() == "*" && !isInWord:
                index += 2
                while index < bytes.count, !(bytes[index] == "*" && next() == "/") { index += 1 }
                index += 1
            case "{", "}", ";":
                flush()
                tokens.append(scalar == "{" ? .open : scalar == "}" ? .close : .end)
            case " ", "\t", "\n", "\r": flush()
            default:
                word.unicodeScalars.append(scalar)
                isInWord = true
            }
            index += 1
        }
        flush()
        return tokens
    }
}
