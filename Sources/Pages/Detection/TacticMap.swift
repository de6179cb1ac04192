import Mustache
import Wire

/// For every tactic of ATT&CK, how many of its rules could see it here: a heat map in five steps.
struct TacticMap {
    let tactics: [TacticCoverage]

    /// In ATT&CK's order, those without any rule too, so that the gap is seen; what is no tactic of it comes last.
    var cells: [TacticCell] {
        let given = Dictionary(tactics.map { ($0.tactic, $0) }, uniquingKeysWith: { first, _ in first })
        let known = Self.order.compactMap { tactic -> TacticCell? in
            if let coverage = given[tactic.name] { return TacticCell(coverage: coverage, meaning: tactic.meaning) }
            guard !tactic.isRecent else { return nil }
            return TacticCell(
                coverage: TacticCoverage(tactic: tactic.name, rules: 0, applicable: 0, canFire: 0, alerts: 0),
                meaning: tactic.meaning)
        }
        let names = Set(Self.order.map(\.name))
        let others = tactics.filter { !names.contains($0.tactic) }.sorted { $0.tactic < $1.tactic }
        return known + others.prefix(40).map { TacticCell(coverage: $0) }
    }

    /// The tactics of ATT&CK for enterprises. The recent ones stand there only where a rule names them: they divide
    /// what older rules call defence evasion.
    private static let order: [(name: String, meaning: String, isRecent: Bool)] = [
        ("reconnaissance", "Looking us over", false), ("resource-development", "Preparing means", false),
        ("initial-access", "Getting in", false), ("execution", "Running code", false),
        ("persistence", "Staying in", false), ("privilege-escalation", "Gaining rights", false),
        ("defense-evasion", "Evading defences", false), ("stealth", "Hiding", true),
        ("defense-impairment", "Impairing defences", true), ("credential-access", "Stealing credentials", false),
        ("discovery", "Looking around", false), ("lateral-movement", "Moving on", false),
        ("collection", "Gathering data", false), ("command-and-control", "Commanding from outside", false),
        ("exfiltration", "Carrying data out", false), ("impact", "Doing harm", false),
    ]
}

/// One tactic of the map.
struct TacticCell: MustacheParent {
    let coverage: TacticCoverage
    /// What somebody does who is at it, in plain words.
    var meaning: String?

    private var title: String {
        let words = LogText.line(coverage.tactic, longest: 60).replacing("-", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// From 0 (nothing could be seen) by quarters of the rules to 4.
    var step: Int {
        guard coverage.rules > 0, coverage.canFire > 0 else { return 0 }
        let share = Double(coverage.canFire) / Double(coverage.rules)
        return min(4, max(1, Int((share * 4).rounded(.up))))
    }

    func child(named name: String) -> Any? {
        switch name {
        case "step": step
        case "tacticTitle": title
        case "tacticMeaning": meaning ?? false
        case "hasRules": coverage.rules > 0
        case "canFire": grouped(coverage.canFire)
        case "applicable": grouped(coverage.applicable)
        case "ruleCount": grouped(coverage.rules)
        case "hasAlerts": coverage.alerts > 0
        case "tacticAlerts": grouped(coverage.alerts)
        case "alertWords": count(coverage.alerts, "alert")
        default: nil
        }
    }
}

/// What a step of the map means.
struct HeatStep: MustacheParent {
    let step: Int

    func child(named name: String) -> Any? {
        switch name {
        case "step": step
        case "stepMeaning": Self.meanings[step]
        default: nil
        }
    }

    static let all = meanings.indices.map(HeatStep.init)

    private static let meanings = ["none", "up to a quarter", "up to half", "up to three quarters", "more"]
}
