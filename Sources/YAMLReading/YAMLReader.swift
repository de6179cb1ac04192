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

    /// Reads a file that holds any number of documents. Each is read by itself, so that what is wrong with one stops no other.
    ///
    /// - Parameter bytes: The file's content.
    /// - Returns: For each document its value, or the problem with it; a document that holds nothing is left out.
    public func documents(_ bytes: [UInt8]) -> [Result<YAMLNode, Problem>] {
        guard bytes.count <= kind.bytes else { return [.failure(tooLarge(bytes))] }
        return DocumentSplitter.parts(of: bytes).compactMap { part -> Result<YAMLNode, Problem>? in
            do throws(Problem) {
                let (parser, disguise) = try open(Array(part.bytes))
                let node: Node?
                do {
                    node = try parser.singleRoot()
                } catch {
                    throw problem(from: error, disguise: disguise)
                }
                guard let node else { return nil }
                return .success(try convert(node, disguise, depth: 1, lines: part.lines))
            } catch {
                let isInside = error.place?.line != nil
                return .failure(isInside ? error.moved(by: part.lines) : error)
            }
        }
    }

    private func open(_ bytes: [UInt8]) throws(Problem) -> (Parser, AliasDisguise) {
        guard bytes.count <= kind.bytes else { throw tooLarge(bytes) }
        // The mark of UTF-8 says what the text is, and is no part of it.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
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

    private func tooLarge(_ bytes: [UInt8]) -> Problem {
        Problem(
            .tooLarge, code: "\(kind.code).too-large",
            "The file has \(bytes.count) bytes; a \(kind.name) has at most \(kind.bytes >> 20) MiB.")
    }

    /// - Parameter lines: How many lines of the file stand before the document.
    private func convert(
        _ node: Node, _ disguise: AliasDisguise, depth: Int, lines: Int = 0
    ) throws(Problem) -> YAMLNode {
        // Problems are moved by whoever splits a file.
        let place = node.mark?.line ?? 1
        let line = place + lines
        guard depth <= kind.depth else {
            throw Problem(
                .invalid, code: "\(kind.code).too-deep", "The nesting is deeper than any \(kind.name)'s.",
                place: Problem.Place(line: place))
        }
        switch node {
        case .alias: throw aliasProblem(line: place)
        case .scalar(let scalar):
            if scalar.style == .plain, disguise.begins(scalar.string) { throw aliasProblem(line: place) }
            return YAMLNode(
                content: .scalar(disguise.removed(from: scalar.string), isPlain: scalar.style == .plain), line: line)
        case .sequence(let items):
            var list: [YAMLNode] = []
            list.reserveCapacity(items.count)
            for item in items { list.append(try convert(item, disguise, depth: depth + 1, lines: lines)) }
            return YAMLNode(content: .list(list), line: line)
        case .mapping(let pairs):
            var mapping: [(key: YAMLNode, value: YAMLNode)] = []
            mapping.reserveCapacity(pairs.count)
            for (key, value) in pairs {
                mapping.append(
                    (
                        try convert(key, disguise, depth: depth + 1, lines: lines),
                        try convert(value, disguise, depth: depth + 1, lines: lines)
                    ))
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

extension Problem {
    /// The same problem, so many lines further down.
    fileprivate func moved(by lines: Int) -> Problem {
        Problem(
            kind, code: code, message, hint: hint,
            place: Place(file: place?.file, line: place?.line.map { $0 + lines }, field: place?.field), cause: cause)
    }
}
