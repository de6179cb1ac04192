/// What a site asks crawlers to leave alone (RFC 9309).
public struct RobotsRules: Hashable, Sendable {
    private struct Rule: Hashable {
        let isAllowed: Bool
        /// Stars stand for anything; the last byte may be a dollar sign for the end.
        let pattern: [UInt8]
    }

    private let rules: [Rule]
    /// The seconds between two requests that the site asks for, if it asks; no part of the standard, and heeded all the same.
    public let delay: Int?

    /// The most bytes that are read (RFC 9309 §2.5 asks for at least 500 KiB).
    public static let limit = 500 << 10

    /// The most rules that are heeded one by one; a file with more closes the site.
    public static let ruleLimit = 2000
    /// The most bytes of one pattern; a longer one that forbids is cut, and so forbids more, one that allows is left out.
    static let patternLimit = 512

    /// Rules that leave everything open: the site has none.
    public static let allowAll = RobotsRules(rules: [], delay: nil)
    /// Rules that close everything: nobody can tell what the site asks for (§2.3.1.4).
    public static let disallowAll = RobotsRules(
        rules: [Rule(isAllowed: false, pattern: [UInt8(ascii: "/")])], delay: nil)

    private init(rules: [Rule], delay: Int?) {
        self.rules = rules
        self.delay = delay
    }

    /// What the answer to the request for the rules means (§2.3.1).
    ///
    /// - Parameters:
    ///   - response: The answer behind all redirections; `nil` if none came. One that sends to another origin counts as none
    ///     being there, since the pages will send there too and are not followed.
    ///   - agent: The name by which the crawler is known there.
    public init(_ response: WebResponse?, for agent: String) {
        switch response {
        case .some(let response) where (200..<300).contains(response.status): self.init(response.body, for: agent)
        // Whoever asks too much is told so with 429, which closes the site like a failure of it.
        case .some(let response) where (400..<500).contains(response.status) && response.status != 429: self = .allowAll
        case .some(let response) where (300..<400).contains(response.status): self = .allowAll
        default: self = .disallowAll
        }
    }

    /// Reads a file of rules.
    ///
    /// - Parameters:
    ///   - bytes: The file; what is beyond ``limit`` is not read.
    ///   - agent: The name by which the crawler is known there, such as `vouchsafe`.
    public init(_ bytes: [UInt8], for agent: String) {
        var groups = Groups(agent: agent.lowercased())
        var text = bytes.prefix(Self.limit)
        // What was cut off in the middle says something else than it should.
        if bytes.count > Self.limit { text = text[..<(text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex)] }
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) { groups.take(line) }
        let group = groups.own.isNamed ? groups.own : groups.common
        rules = group.rules.count > Self.ruleLimit ? Self.disallowAll.rules : group.rules
        delay = group.delay
    }

    /// Tells whether the crawler may visit a path with its query: the longest rule that matches decides, one that allows
    /// before one that does not (§2.2.2).
    public func allows(_ target: String) -> Bool {
        if target == "/robots.txt" { return true }
        let path = Self.normalised(Array(target.utf8)[...])
        var best: Rule?
        for rule in rules where Self.matches(rule.pattern, path) {
            guard let length = best?.pattern.count else {
                best = rule
                continue
            }
            if rule.pattern.count > length || (rule.pattern.count == length && rule.isAllowed) { best = rule }
        }
        return best?.isAllowed ?? true
    }

    private struct Groups {
        struct Group {
            var isNamed = false
            var rules: [Rule] = []
            var delay: Int?
        }

        let agent: String
        var own = Group()
        var common = Group()
        private var isForUs = false
        private var isForAll = false
        /// Several names in a row begin one group together.
        private var isNaming = false

        init(agent: String) { self.agent = agent }

        mutating func take(_ line: ArraySlice<UInt8>) {
            let content = line.prefix { $0 != UInt8(ascii: "#") }
            guard let colon = content.firstIndex(of: UInt8(ascii: ":")) else { return }
            let key = String(decoding: RobotsRules.trimmed(content[..<colon]), as: UTF8.self).lowercased()
            let value = RobotsRules.trimmed(content[(colon + 1)...])
            switch key {
            case "user-agent":
                if !isNaming { (isForUs, isForAll) = (false, false) }
                isNaming = true
                let name = String(decoding: value, as: UTF8.self).lowercased()
                // A name may carry a version, which does not count.
                if name.prefix(while: { $0.isLetter || $0 == "-" || $0 == "_" }) == agent {
                    isForUs = true
                    own.isNamed = true
                } else if name == "*" {
                    isForAll = true
                }
            case "allow", "disallow":
                isNaming = false
                guard let first = value.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "*") else { return }
                let pattern = RobotsRules.normalised(value.prefix(RobotsRules.limit))
                guard pattern.count <= RobotsRules.patternLimit || key == "disallow" else { return }
                add(Rule(isAllowed: key == "allow", pattern: Array(pattern.prefix(RobotsRules.patternLimit))))
            case "crawl-delay":
                isNaming = false
                let seconds = Int(
                    String(decoding: value.prefix { (0x30...0x39).contains($0) }.prefix(4), as: UTF8.self))
                if isForUs { own.delay = seconds }
                if isForAll { common.delay = seconds }
            default: break
            }
        }

        private mutating func add(_ rule: Rule) {
            // One more than the limit tells that there are too many.
            if isForUs, own.rules.count <= RobotsRules.ruleLimit { own.rules.append(rule) }
            if isForAll, common.rules.count <= RobotsRules.ruleLimit { common.rules.append(rule) }
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let front = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        let end = front.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? front.startIndex
        return front[..<end]
    }

    /// The same spelling for the same octets: what need not be escaped is not, all else is, in capitals (§2.2.2).
    private static func normalised(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            var byte = bytes[at]
            var isEscaped = false
            if byte == UInt8(ascii: "%"), at + 2 < bytes.endIndex,
                let value = UInt8(String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
            {
                (byte, isEscaped) = (value, true)
                at += 2
            }
            at += 1
            let isPlain = byte.isLetter || byte.isDigit || "-._~".utf8.contains(byte)
            if byte >= 0x80 || (isEscaped && !isPlain) {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// Compares from the left; on a mismatch only the last star is tried again, which is enough and keeps the time bounded.
    private static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
        let isAnchored = pattern.last == UInt8(ascii: "$")
        let end = isAnchored ? pattern.count - 1 : pattern.count
        var (at, position) = (0, 0)
        var star: (after: Int, position: Int)?
        while true {
            if at == end {
                if !isAnchored || position == path.count { return true }
            } else if pattern[at] == UInt8(ascii: "*") {
                star = (at + 1, position)
                at += 1
                continue
            } else if position < path.count, pattern[at] == path[position] {
                at += 1
                position += 1
                continue
            }
            guard let (after, tried) = star, tried < path.count else { return false }
            star = (after, tried + 1)
            (at, position) = (after, tried + 1)
        }
    }
}
