import Kernel
import Yams

/// A value of a YAML file with the line on which it starts.
struct YAMLNode {
    enum Content {
        /// Text; `isPlain` tells that it stood without quotes.
        case scalar(String, isPlain: Bool)
        case list([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    let content: Content
    let line: Int

    var scalar: (text: String, isPlain: Bool)? {
        if case .scalar(let text, let isPlain) = content { (text, isPlain) } else { nil }
    }
}

/// Reads YAML into nodes that know their line, and refuses what no pack needs: anchors, aliases and deep nesting.
enum YAMLDocument {
    static func compose(_ bytes: [UInt8]) throws(Problem) -> YAMLNode {
        guard bytes.count <= PackLimits.fileBytes else {
            throw Problem(
                .tooLarge, code: "pack.too-large", "The file has \(bytes.count) bytes; a pack has at most 4 MiB.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(
                .invalid, code: "pack.not-utf8", "The file is not UTF-8 text.",
                place: Problem.Place(line: firstInvalidLine(of: bytes)))
        }
        let disguise = AliasDisguise(for: text)
        let node: Node?
        do {
            // The basic resolver gives no types: a version 2021-09 stays these seven characters.
            node = try Yams.compose(yaml: disguise.applied(to: text), .basic, .default, .utf8)
        } catch {
            throw problem(from: error, disguise: disguise)
        }
        guard let node else {
            throw Problem(
                .invalid, code: "pack.empty", "The file holds no pack.", hint: "Start with `format: \(Pack.format)`.")
        }
        return try convert(node, disguise, depth: 1)
    }

    private static func convert(_ node: Node, _ disguise: AliasDisguise, depth: Int) throws(Problem) -> YAMLNode {
        let line = node.mark?.line ?? 1
        guard depth <= PackLimits.depth else {
            throw Problem(
                .invalid, code: "pack.too-deep", "The nesting is deeper than any pack's.",
                place: Problem.Place(line: line))
        }
        switch node {
        case .alias: throw aliasProblem(line: line)
        case .scalar(let scalar):
            if scalar.style == .plain, disguise.begins(scalar.string) { throw aliasProblem(line: line) }
            return YAMLNode(
                content: .scalar(disguise.removed(from: scalar.string), isPlain: scalar.style == .plain), line: line)
        case .sequence(let items):
            var list: [YAMLNode] = []
            for item in items { list.append(try convert(item, disguise, depth: depth + 1)) }
            return YAMLNode(content: .list(list), line: line)
        case .mapping(let pairs):
            var mapping: [(key: YAMLNode, value: YAMLNode)] = []
            for (key, value) in pairs {
                mapping.append(
                    (try convert(key, disguise, depth: depth + 1), try convert(value, disguise, depth: depth + 1)))
            }
            return YAMLNode(content: .mapping(mapping), line: line)
        }
    }

    private static func aliasProblem(line: Int?) -> Problem {
        Problem(
            .invalid, code: "pack.alias", "Anchors and aliases are not read in a pack.", hint: aliasHint,
            place: Problem.Place(line: line))
    }

    private static let aliasHint =
        "Write values out instead of using anchors and aliases; put text that starts with & or * in quotes."

    private static func problem(from error: any Error, disguise: AliasDisguise) -> Problem {
        guard let error = error as? YamlError else {
            return Problem(.invalid, code: "pack.syntax", "The file could not be read as YAML.", cause: "\(error)")
        }
        switch error {
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\(disguise.removed(from: $0))`" }.joined(separator: ", ")
            return Problem(
                .invalid, code: "pack.duplicate-key", "\(names) stands twice in the same place.",
                hint: "Keep one of them.", place: Problem.Place(line: context.mark.line))
        case .scanner(let context, let text, let mark, _), .parser(let context, let text, let mark, _),
            .composer(let context, let text, let mark, _):
            let around = context.map { "\($0.text) that began on line \($0.mark.line): " } ?? ""
            return Problem(
                .invalid, code: "pack.syntax", "This is not YAML: \(around)\(text) (column \(mark.column)).",
                hint: disguise.isNeeded ? aliasHint : nil, place: Problem.Place(line: mark.line))
        case .reader(let text, let offset, _, let yaml):
            let line = offset.map { 1 + yaml.prefix($0).utf8.count(where: { $0 == UInt8(ascii: "\n") }) }
            return Problem(
                .invalid, code: "pack.syntax", "This is not YAML: \(text).", place: Problem.Place(line: line))
        default:
            return Problem(.invalid, code: "pack.syntax", "The file could not be read as YAML.", cause: "\(error)")
        }
    }

    private static func firstInvalidLine(of bytes: [UInt8]) -> Int {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        return line
    }
}
