import Kernel
import Yams

/// Reads YAML into nodes that know their line, and refuses what no file of ours needs: anchors, aliases and deep nesting.
public struct YAMLReader: Sendable {
    private let kind: YAMLKind

    /// A reader of one kind of file.
    public init(_ kind: YAMLKind) {
        self.kind = kind
    }

    /// Reads a file that holds one document.
    ///
    /// - Parameter bytes: The file's content.
    /// - Throws: The first problem, with its line.
    public func document(_ bytes: [UInt8]) throws(Problem) -> YAMLNode {
        let (parser, disguise) = try open(bytes)
        let node: Node?
        do {
            node = try parser.singleRoot()
        } catch {
            throw problem(from: error, disguise: disguise)
        }
        guard let node else {
            throw Problem(.invalid, code: "\(kind.code).empty", "The file holds no \(kind.name).", hint: kind.emptyHint)
        }
        return try convert(node, disguise, depth: 1)
    }

    /// Reads a file that holds any number of documents.
    ///
    /// - Parameter bytes: The file's content.
    /// - Returns: The documents until the first problem, and that problem.
    public func documents(_ bytes: [UInt8]) -> (documents: [YAMLNode], problem: Problem?) {
        var documents: [YAMLNode] = []
        do throws(Problem) {
            let (parser, disguise) = try open(bytes)
            while true {
                let node: Node?
                do {
                    node = try parser.nextRoot()
                } catch {
                    throw problem(from: error, disguise: disguise)
                }
                guard let node else { return (documents, nil) }
                documents.append(try convert(node, disguise, depth: 1))
            }
        } catch {
            return (documents, error)
        }
    }

    private func open(_ bytes: [UInt8]) throws(Problem) -> (Parser, AliasDisguise) {
        guard bytes.count <= kind.bytes else {
            throw Problem(
                .tooLarge, code: "\(kind.code).too-large",
                "The file has \(bytes.count) bytes; a \(kind.name) has at most \(kind.bytes >> 20) MiB.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(
                .invalid, code: "\(kind.code).not-utf8", "The file is not UTF-8 text.",
                place: Problem.Place(line: firstInvalidLine(of: bytes)))
        }
        let disguise = AliasDisguise(for: text)
        do {
            // The basic resolver gives no types: a version 2021-09 stays these seven characters.
            return (
                try Parser(
                    yaml: disguise.applied(to: text), resolver: .basic, constructor: .default, encoding: .utf8),
                disguise
            )
        } catch {
            throw problem(from: error, disguise: disguise)
        }
    }

    private func convert(_ node: Node, _ disguise: AliasDisguise, depth: Int) throws(Problem) -> YAMLNode {
        let line = node.mark?.line ?? 1
        guard depth <= kind.depth else {
            throw Problem(
                .invalid, code: "\(kind.code).too-deep", "The nesting is deeper than any \(kind.name)'s.",
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
            list.reserveCapacity(items.count)
            for item in items { list.append(try convert(item, disguise, depth: depth + 1)) }
            return YAMLNode(content: .list(list), line: line)
        case .mapping(let pairs):
            var mapping: [(key: YAMLNode, value: YAMLNode)] = []
            mapping.reserveCapacity(pairs.count)
            for (key, value) in pairs {
                mapping.append(
                    (try convert(key, disguise, depth: depth + 1), try convert(value, disguise, depth: depth + 1)))
            }
            return YAMLNode(content: .mapping(mapping), line: line)
        }
    }

    private func aliasProblem(line: Int?) -> Problem {
        Problem(
            .invalid, code: "\(kind.code).alias", "Anchors and aliases are not read in a \(kind.name).",
            hint: Self.aliasHint, place: Problem.Place(line: line))
    }

    private static let aliasHint =
        "Write values out instead of using anchors and aliases; put text that starts with & or * in quotes."

    private func problem(from error: any Error, disguise: AliasDisguise) -> Problem {
        let unreadable = Problem(
            .invalid, code: "\(kind.code).syntax", "The file could not be read as YAML.", cause: "\(error)")
        guard let error = error as? YamlError else { return unreadable }
        switch error {
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\(disguise.removed(from: $0))`" }.joined(separator: ", ")
            return Problem(
                .invalid, code: "\(kind.code).duplicate-key", "\(names) stands twice in the same place.",
                hint: "Keep one of them.", place: Problem.Place(line: context.mark.line))
        case .scanner(let context, let text, let mark, _), .parser(let context, let text, let mark, _),
            .composer(let context, let text, let mark, _):
            let around = context.map { "\($0.text) that began on line \($0.mark.line): " } ?? ""
            return Problem(
                .invalid, code: "\(kind.code).syntax", "This is not YAML: \(around)\(text) (column \(mark.column)).",
                hint: disguise.isNeeded ? Self.aliasHint : nil, place: Problem.Place(line: mark.line))
        case .reader(let text, let offset, _, let yaml):
            let line = offset.map { 1 + yaml.prefix($0).utf8.count(where: { $0 == UInt8(ascii: "\n") }) }
            return Problem(
                .invalid, code: "\(kind.code).syntax", "This is not YAML: \(text).",
                place: Problem.Place(line: line))
        default: return unreadable
        }
    }

    private func firstInvalidLine(of bytes: [UInt8]) -> Int {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        return line
    }
}
