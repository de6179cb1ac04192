import Mustache
import Wire

/// What a rule says about itself. The Detection Rule License asks that its author is named wherever a match is shown.
struct RuleWords: MustacheParent {
    let detail: AlertDetail

    func child(named name: String) -> Any? {
        switch name {
        case "ruleDescription": detail.description.map { LogText.block($0) } ?? false
        case "author": detail.author.map { LogText.line($0, longest: 400) } ?? "not named"
        case "license": detail.license.map { LogText.line($0) } ?? "not stated"
        case "hasReferences": !detail.references.isEmpty
        case "references": Self.lines(detail.references)
        case "hasFalsePositives": !detail.falsePositives.isEmpty
        case "falsePositives": Self.lines(detail.falsePositives)
        case "hasTags": !detail.tags.isEmpty
        case "tags": Self.lines(detail.tags)
        default: nil
        }
    }

    private static func lines(_ lines: [String]) -> [String] {
        let shown = Shown(lines, atMost: 50)
        return shown.items.map { LogText.line($0, longest: 500) } + [shown.rest].compactMap { $0.map { "and \($0)" } }
    }
}
