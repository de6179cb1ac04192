import Kernel
import Mustache

/// How much an alert matters: a word, as many bars as it has weight, and a colour.
struct LevelMark: MustacheParent {
    let level: Severity
    /// How many, if it stands for several.
    var count: Int?

    func child(named name: String) -> Any? {
        switch name {
        case "levelName": level.rawValue
        case "levelWord": count.map { "\(grouped($0)) \(level.levelWord.lowercased())" } ?? level.levelWord
        default: nil
        }
    }

    /// A mark for each level that has any, the gravest first.
    static func counts(_ counts: [String: Int]) -> [LevelMark] {
        Severity.allCases.reversed().compactMap { level in
            let count = counts[level.rawValue, default: 0]
            return count > 0 ? LevelMark(level: level, count: count) : nil
        }
    }
}

extension Severity {
    var levelWord: String { self == .informational ? "Informational" : word }
}
