import Foundation
import Kernel

/// What a packet filter does with a packet that nobody asked for and that no narrow rule accepts.
enum InputStance: Hashable {
    case drops
    case accepts
}

/// The input hooks of an nftables ruleset, out of `nft -j list ruleset` (libnftables-json(5)).
struct NftRuleset {
    /// A base chain at the input hook.
    struct InputChain: Hashable {
        /// `ip`, `ip6` or `inet`.
        let family: String
        let name: String
        let stance: InputStance
    }

    let inputs: [InputChain]

    /// - Returns: `nil` if this is not nft's JSON.
    init?(json bytes: [UInt8]) {
        guard let root = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
            let entries = root["nftables"] as? [Any]
        else { return nil }
        var rules: [String: [[Any]]] = [:]
        var bases: [(family: String, table: String, name: String, policy: String)] = []
        for entry in entries.compactMap({ $0 as? [String: Any] }) {
            if let chain = entry["chain"] as? [String: Any], chain["hook"] as? String == "input",
                chain["type"] as? String ?? "filter" == "filter",
                let family = chain["family"] as? String, ["ip", "ip6", "inet"].contains(family),
                let table = chain["table"] as? String, let name = chain["name"] as? String
            {
                bases.append((family, table, name, chain["policy"] as? String ?? "accept"))
            } else if let rule = entry["rule"] as? [String: Any], let family = rule["family"] as? String,
                let table = rule["table"] as? String, let chain = rule["chain"] as? String
            {
                rules["\(family) \(table) \(chain)", default: []].append(rule["expr"] as? [Any] ?? [])
            }
        }
        var known: [String: InputStance?] = [:]
        inputs = bases.map { base in
            let key = "\(base.family) \(base.table) "
            let end = NftRuleset.end(of: base.name, in: rules, key: key, known: &known)
            return InputChain(
                family: base.family, name: "\(base.family) \(base.table) \(base.name)",
                stance: end ?? (base.policy == "drop" ? .drops : .accepts))
        }
    }

    /// How a chain ends for a packet that no narrow rule takes; `nil` if it runs off the end.
    ///
    /// - Parameter known: chains that were followed already, so that each is followed once; one that leads to itself accepts.
    private static func end(
        of chain: String, in rules: [String: [[Any]]], key: String, known: inout [String: InputStance?]
    ) -> InputStance? {
        if let stance = known[key + chain] { return stance }
        guard known.count < 256 else { return .accepts }
        known[key + chain] = .some(.accepts)
        let stance = follow(rules[key + chain] ?? [], in: rules, key: key, known: &known)
        known[key + chain] = .some(stance)
        return stance
    }

    private static func follow(
        _ chain: [[Any]], in rules: [String: [[Any]]], key: String, known: inout [String: InputStance?]
    ) -> InputStance? {
        for expression in chain {
            let statements = expression.compactMap { $0 as? [String: Any] }
            guard statements.allSatisfy(isWide) else { continue }
            for statement in statements {
                if statement.keys.contains("accept") { return .accepts }
                if statement.keys.contains("drop") || statement.keys.contains("reject") { return .drops }
                if statement.keys.contains("return") { return nil }
                let target = (statement["jump"] ?? statement["goto"]) as? [String: Any]
                if let name = target?["target"] as? String {
                    if let stance = end(of: name, in: rules, key: key, known: &known) { return stance }
                    if statement.keys.contains("goto") { return nil }
                }
            }
        }
        return nil
    }

    /// Whether a statement lets every new TCP or UDP packet through to the next one.
    private static func isWide(_ statement: [String: Any]) -> Bool {
        let passive: Set<String> = [
            "accept", "drop", "reject", "return", "jump", "goto", "counter", "log", "comment", "mangle", "notrack",
            "meter",
        ]
        guard let kind = statement.keys.first, statement.count == 1 else { return false }
        if passive.contains(kind) { return true }
        guard kind == "match", let match = statement["match"] as? [String: Any],
            let left = match["left"] as? [String: Any]
        else { return false }
        let isNegated = match["op"] as? String == "!="
        let right = names(match["right"])
        if (left["ct"] as? [String: Any])?["key"] as? String == "state" { return right.contains("new") != isNegated }
        let key = (left["meta"] as? [String: Any])?["key"] as? String
        let field = (left["payload"] as? [String: Any])?["field"] as? String
        if key == "l4proto" || field == "protocol" || field == "nexthdr" {
            return !isNegated
                && (right.contains("tcp") || right.contains("udp") || right.contains("6") || right.contains("17"))
        }
        return false
    }

    private static func names(_ value: Any?) -> Set<String> {
        if let text = value as? String { return [text] }
        if let number = value as? Int { return ["\(number)"] }
        let list = value as? [Any] ?? (value as? [String: Any])?["set"] as? [Any] ?? []
        return Set(list.compactMap { $0 as? String ?? ($0 as? Int).map(String.init) })
    }
}
