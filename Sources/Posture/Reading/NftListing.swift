/// The input hooks out of the text of `nft list ruleset`, where a tree was captured without `-j`.
struct NftListing {
    let inputs: [NftRuleset.InputChain]

    /// - Returns: `nil` if no line of it is nft's.
    init?(_ lines: [String]) {
        var found: [NftRuleset.InputChain] = []
        var table: [String] = []
        var chain: (name: String, hook: Bool, policy: InputStance, end: InputStance?)?
        var isRecognised = false
        var depth = 0
        for line in lines {
            let line = line.trimmed
            let words = line.words
            if words.first == "table", words.count >= 3 {
                table = [words[1], words[2]]
                isRecognised = true
            } else if words.first == "chain", words.count >= 2 {
                chain = (words[1], false, .accepts, nil)
            } else if line.hasPrefix("type filter hook input") {
                chain?.hook = true
                if line.contains("policy drop") { chain?.policy = .drops }
            } else if chain?.end == nil {
                // Only a bare verdict at the start of a line takes every packet.
                let bare = NftListing.withoutCounters(words)
                if bare.first == "accept" { chain?.end = .accepts }
                if bare.first == "drop" || bare.first == "reject" { chain?.end = .drops }
            }
            for character in line {
                if character == "{" { depth += 1 }
                if character == "}" { depth -= 1 }
            }
            if depth == 1, let done = chain {
                if done.hook, table.count == 2, ["ip", "ip6", "inet"].contains(table[0]) {
                    found.append(
                        NftRuleset.InputChain(
                            family: table[0], name: "\(table[0]) \(table[1]) \(done.name)",
                            stance: done.end ?? done.policy))
                }
                chain = nil
            }
        }
        guard isRecognised else { return nil }
        inputs = found
    }

    /// The words of a rule without `counter packets 3 bytes 180` and `log`, which decide nothing.
    private static func withoutCounters(_ words: [String]) -> ArraySlice<String> {
        var rest = words[...]
        while let first = rest.first, first == "counter" || first == "log" {
            rest = rest.dropFirst()
            while rest.count >= 2, ["packets", "bytes", "prefix", "level"].contains(rest.first ?? "") {
                rest = rest.dropFirst(2)
            }
        }
        return rest
    }
}
