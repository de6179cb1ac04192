import Kernel
import YAMLReading

/// Collects what is wrong with a file and where its fields stand, while the file is read.
final class PackFindings {
    private(set) var problems: [Problem] = []
    private(set) var places: PackPlaces

    init(file: String?) {
        places = PackPlaces(file: file)
    }

    func add(_ code: String, _ message: String, hint: String? = nil, at field: PackField) {
        guard problems.count < PackLimits.problems else { return }
        problems.append(
            Problem(
                .invalid, code: code, message, hint: hint,
                place: Problem.Place(file: places.file, line: field.line, field: field.path.isEmpty ? nil : field.path))
        )
    }

    func record(_ field: PackField) {
        places.lines[field.path] = field.line
    }
}

/// One value of the file with its path and line; every accessor reports what does not fit and returns `nil`.
struct PackField {
    let node: YAMLNode
    let path: String
    let line: Int
    let findings: PackFindings

    init(_ node: YAMLNode, path: String, findings: PackFindings) {
        self.node = node
        self.path = path
        self.line = node.line
        self.findings = findings
        findings.record(self)
    }

    /// The fields of a mapping. Unknown keys are reported with the known one that was probably meant.
    func mapping(required: [String], optional: [String] = []) -> [String: PackField]? {
        guard case .mapping(let pairs) = node.content else {
            findings.add("pack.type", "\(name) must hold the fields \(required.joined(separator: ", ")).", at: self)
            return nil
        }
        var fields: [String: PackField] = [:]
        for (key, value) in pairs {
            guard let name = key.scalar?.text else {
                findings.add(
                    "pack.type", "A field's name must be a word.", at: PackField(key, path: path, findings: findings))
                continue
            }
            let field = PackField(value, path: path.isEmpty ? name : "\(path).\(name)", findings: findings)
            guard required.contains(name) || optional.contains(name) else {
                let meant = nearest(to: name, among: required + optional)
                findings.add(
                    "pack.unknown-field", "There is no field `\(name.prefix(40))` here.",
                    hint: meant.map { "Did you mean `\($0)`?" }
                        ?? "Known: \((required + optional).joined(separator: ", ")).",
                    at: field)
                continue
            }
            fields[name] = field
        }
        for key in required where fields[key] == nil {
            findings.add("pack.missing-field", "\(name) lacks the field `\(key)`.", at: self)
        }
        return fields
    }

    /// The elements of a list.
    func list(limit: Int) -> [PackField]? {
        guard case .list(let items) = node.content else {
            findings.add("pack.type", "\(name) must be a list.", at: self)
            return nil
        }
        guard items.count <= limit else {
            findings.add("pack.too-many", "\(name) has \(items.count) elements; at most \(limit) are read.", at: self)
            return nil
        }
        return items.enumerated().map { PackField($1, path: "\(path)[\($0)]", findings: findings) }
    }

    /// Text that says something: not empty, not null.
    func text(limit: Int = PackLimits.sentenceBytes) -> String? {
        guard let scalar = node.scalar else {
            findings.add("pack.type", "\(name) must be text.", at: self)
            return nil
        }
        let isNull = scalar.isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.text)
        guard !isNull, !scalar.text.utf8.allSatisfy(isWhitespace) else {
            findings.add("pack.empty-field", "\(name) is empty.", at: self)
            return nil
        }
        guard scalar.text.utf8.count <= limit else {
            findings.add("pack.too-long", "\(name) has more than \(limit) bytes.", at: self)
            return nil
        }
        return scalar.text
    }

    /// Lower-case words and numbers joined by hyphens, at most 64 bytes.
    func word() -> String? {
        guard let text = text() else { return nil }
        guard isWord(text) else {
            findings.add(
                "pack.word",
                "`\(text.prefix(60))` is no name; use lower-case words joined by hyphens, at most 64 bytes.",
                at: self)
            return nil
        }
        return text
    }

    /// A whole number from 0.
    func number() -> Int? {
        guard let scalar = node.scalar, scalar.isPlain, (1...15).contains(scalar.text.utf8.count),
            scalar.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(scalar.text)
        else {
            findings.add("pack.number", "\(name) must be a whole number.", at: self)
            return nil
        }
        return number
    }

    /// What messages call the field: its last part.
    private var name: String {
        guard !path.isEmpty else { return "The pack" }
        let last = path.split(separator: ".").last.map(String.init) ?? path
        return "`\(last.prefix(60))`"
    }
}

func isWord(_ text: String) -> Bool {
    guard (1...PackLimits.wordBytes).contains(text.utf8.count) else { return false }
    return text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty
            && part.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}

/// The bytes that need no span. ASCII only: a no-break space is a byte of the text like any other, so that no two readers
/// of Unicode's tables can disagree about what is covered.
func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
}
