/// The filter table's INPUT chain out of `iptables-save` or `iptables -S` (and the policy alone out of `iptables -L`).
struct IptablesRules {
    /// What happens to a packet that nobody asked for; `nil` if there is no INPUT chain in the filter table.
    let input: InputStance?

    /// - Returns: `nil` if this is not output of iptables.
    init?(_ lines: [String]) {
        var table = "filter"
        var policy: InputStance?
        var rules: [String: [[String]]] = [:]
        var isRecognised = false
        for line in lines {
            let words = line.words
            guard let first = words.first else { continue }
            if first.hasPrefix("*") { table = String(first.dropFirst()) }
            if first.hasPrefix("*") || first.hasPrefix(":")
                || ["-P", "-A", "-N", "COMMIT", "Chain", "#"].contains(first)
            {
                isRecognised = true
            }
            guard table == "filter", words.count >= 2 else { continue }
            if first == ":INPUT" || (first == "-P" && words[1] == "INPUT" && words.count > 2) {
                policy = IptablesRules.stance(first == "-P" ? words[2] : words[1])
            } else if first == "Chain", words[1] == "INPUT", words.count > 3 {
                policy = IptablesRules.stance(words[3].filter { $0 != ")" })
            } else if first == "-A" {
                rules[words[1], default: []].append(Array(words.dropFirst(2)))
            }
        }
        guard isRecognised else { return nil }
        var known: [String: InputStance?] = [:]
        input =
            policy == nil && rules["INPUT"] == nil
            ? nil : IptablesRules.end(of: "INPUT", in: rules, known: &known) ?? policy ?? .accepts
    }

    private static func stance(_ policy: String) -> InputStance {
        policy == "DROP" ? .drops : .accepts
    }

    /// How a chain ends for a packet that no narrow rule takes; `nil` if it runs off the end.
    ///
    /// - Parameter known: chains that were followed already, so that each is followed once; one that leads to itself accepts.
    private static func end(
        of chain: String, in rules: [String: [[String]]], known: inout [String: InputStance?]
    ) -> InputStance? {
        if let stance = known[chain] { return stance }
        guard known.count < 256 else { return .accepts }
        known[chain] = .some(.accepts)
        let stance = follow(rules[chain] ?? [], in: rules, known: &known)
        known[chain] = .some(stance)
        return stance
    }

    private static func follow(
        _ chain: [[String]], in rules: [String: [[String]]], known: inout [String: InputStance?]
    ) -> InputStance? {
        for words in chain {
            guard let target = wideTarget(words) else { continue }
            switch target.name {
            case "ACCEPT": return .accepts
            case "DROP", "REJECT": return .drops
            case "RETURN": return nil
            default:
                if let stance = end(of: target.name, in: rules, known: &known) { return stance }
                if target.isFinal { return nil }
            }
        }
        return nil
    }

    /// The target of a rule that takes every new TCP or UDP packet; `nil` for a narrower one.
    private static func wideTarget(_ words: [String]) -> (name: String, isFinal: Bool)? {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "-j", "--jump": return rest.first.map { ($0, false) }
            case "-g", "--goto": return rest.first.map { ($0, true) }
            case "-p", "--protocol":
                guard let name = rest.popFirst(), ["tcp", "udp", "all", "6", "17", "0"].contains(name) else {
                    return nil
                }
            case "-m", "--match":
                guard let name = rest.popFirst(), ["tcp", "udp", "conntrack", "state", "comment"].contains(name) else {
                    return nil
                }
            case "--comment":
                // A comment in quotes holds blanks.
                if let first = rest.popFirst(), first.hasPrefix("\""), !(first.count > 1 && first.hasSuffix("\"")) {
                    while let next = rest.popFirst(), !next.hasSuffix("\"") {}
                }
            case "--ctstate", "--state":
                guard let states = rest.popFirst(), states.split(separator: ",").contains("NEW") else { return nil }
            case "-c": rest = rest.dropFirst(2)
            default: return nil
            }
        }
        return nil
    }
}
