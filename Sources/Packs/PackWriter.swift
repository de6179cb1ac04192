import Kernel

/// Writes a pack as YAML that people edit: one span a line, one check a line, text quoted where it must be.
///
/// What is written reads back as the same pack.
public enum PackWriter {
    /// The file's text.
    ///
    /// - Parameters:
    ///   - pack: what to write.
    ///   - remarks: comments by the path of the element above which they stand, such as `spans[3]`.
    public static func text(of pack: Pack, remarks: [String: String] = [:]) -> String {
        var lines = ["format: \(Pack.format)"]
        writePolicy(pack.policy, &lines)
        lines += ["", pack.spans.isEmpty ? "spans: []" : "spans:"]
        for (index, span) in pack.spans.enumerated() {
            if let remark = remarks["spans[\(index)]"] { lines.append("  # \(onOneLine(remark))") }
            lines.append(line(for: span))
        }
        lines += ["", pack.commitments.isEmpty ? "commitments: []" : "commitments:"]
        for (index, commitment) in pack.commitments.enumerated() {
            if let remark = remarks["commitments[\(index)]"] { lines.append("  # \(onOneLine(remark))") }
            write(commitment, &lines)
        }
        if !pack.defects.isEmpty {
            lines += ["", "defects:"]
            for defect in pack.defects {
                lines.append(
                    "  - { at: [\(defect.start), \(defect.end)], finding: \(scalar(defect.finding, inFlow: true)) }")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func writePolicy(_ policy: Pack.Policy, _ lines: inout [String]) {
        lines += [
            "policy:", "  id: \(scalar(policy.id))", "  title: \(scalar(policy.title))",
            "  issuer: \(scalar(policy.issuer))",
            "  version: \(scalar(policy.version))",
        ]
        if let date = policy.date { lines.append("  date: \(date)") }
        lines.append("  text: { sha256: \(policy.text.sha256), bytes: \(policy.text.bytes) }")
    }

    private static func line(for span: Pack.Span) -> String {
        var fields = ["at: [\(span.start), \(span.end)]", "class: \(span.spanClass.rawValue)"]
        if let note = span.note { fields.append("note: \(scalar(note, inFlow: true))") }
        if let reason = span.reason { fields.append("reason: \(scalar(reason, inFlow: true))") }
        if !span.commitments.isEmpty { fields.append("commitments: [\(span.commitments.joined(separator: ", "))]") }
        return "  - { \(fields.joined(separator: ", ")) }"
    }

    private static func write(_ commitment: Pack.Commitment, _ lines: inout [String]) {
        lines += [
            "  - id: \(commitment.id)", "    section: \(scalar(commitment.section))",
            "    summary: \(scalar(commitment.summary))", "    owner: \(commitment.owner)",
        ]
        if let reason = commitment.unprovable { lines.append("    unprovable: \(scalar(reason))") }
        if !commitment.checks.isEmpty {
            lines.append("    checks:")
            for use in commitment.checks { lines.append("      - { \(fields(of: use).joined(separator: ", ")) }") }
        }
        if !commitment.controls.isEmpty {
            let groups = commitment.controls.map { group in
                "\(group.framework.rawValue): [\(group.references.map { scalar($0, inFlow: true) }.joined(separator: ", "))]"
            }
            lines.append("    controls: { \(groups.joined(separator: ", ")) }")
        }
    }

    private static func fields(of use: Pack.CheckUse) -> [String] {
        var fields = [
            "check: \(use.check)", "population: \(use.population.rawValue)",
            "threshold: \(scalar(use.threshold.description, inFlow: true))", "freshness: \(use.freshness)",
        ]
        if let needs = use.needs { fields.append("needs: \(scalar(needs, inFlow: true))") }
        return fields
    }

    // MARK: - Scalars

    /// Plain where no reader could take it for anything else, in double quotes otherwise.
    private static func scalar(_ text: String, inFlow: Bool = false) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: "/"),
                UInt8(ascii: "-"), UInt8(ascii: "("), UInt8(ascii: ")"):
                true
            case UInt8(ascii: ","), UInt8(ascii: ";"): !inFlow
            default: false
            }
        }
        let startsWell = text.utf8.first.map { $0 >= UInt8(ascii: "0") && $0 != UInt8(ascii: ";") } ?? false
        guard isPlain, startsWell, text.utf8.last != UInt8(ascii: " "), text.lowercased() != "null" else {
            return quoted(text)
        }
        return text
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                }
            }
        }
        return result + "\""
    }

    private static func onOneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars { line.unicodeScalars.append(isPrintable(scalar) ? scalar : " ") }
        return line
    }

    /// What YAML allows unescaped (1.1 §5.1), without its line breaks.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
