import Foundation
import Kernel
import Sigma

/// Writes matches as lines, each rule's words prepared once.
struct MatchWriter {
    private let format: OutputFormat
    private let rules: [[UInt8]]
    private let correlations: [(words: [UInt8], fields: [String])]

    init(_ set: RuleSet, _ format: OutputFormat) {
        self.format = format
        rules = set.rules.map { Self.words($0.about, format) }
        correlations = set.correlations.map { (Self.words($0.rule.about, format), $0.rule.groupBy) }
    }

    func write(rule: Int, event: Int, to output: inout [UInt8]) {
        begin(event, &output)
        output += rules[rule]
        end(&output)
    }

    func write(_ match: CorrelationMatch, to output: inout [UInt8]) {
        begin(match.event, &output)
        let (words, fields) = correlations[match.correlation]
        output += words
        switch format {
        case .json:
            output += #","group":{"#.utf8
            for (index, (field, value)) in zip(fields, match.group).enumerated() {
                output += "\(index > 0 ? "," : "")\(Self.quoted(field)):\(value.map(Self.quoted) ?? "null")".utf8
            }
            output.append(UInt8(ascii: "}"))
        case .text:
            let group = zip(fields, match.group).map { "\($0)=\($1.map(Self.shown) ?? "-")" }
            if !group.isEmpty { output += "  \(group.joined(separator: " "))".utf8 }
        }
        end(&output)
    }

    private func begin(_ event: Int, _ output: inout [UInt8]) {
        switch format {
        case .json: output += "{\"event\":\(event)".utf8
        case .text: output += "\(event)".utf8
        }
    }

    private func end(_ output: inout [UInt8]) {
        if format == .json { output.append(UInt8(ascii: "}")) }
        output.append(UInt8(ascii: "\n"))
    }

    private static func words(_ about: RuleDescription, _ format: OutputFormat) -> [UInt8] {
        switch format {
        case .json:
            let level = about.level.map { quoted($0.rawValue) } ?? "null"
            return Array(#","rule":\#(quoted(about.identity)),"title":\#(quoted(about.title)),"level":\#(level)"#.utf8)
        case .text:
            let level = (about.level?.rawValue ?? "-").padding(toLength: 13, withPad: " ", startingAt: 0)
            return Array("  \(level)  \(shown(about.title))  \(shown(about.identity))".utf8)
        }
    }

    /// Text for a terminal: whoever writes into logs must not write onto the screen.
    private static func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    // Those that turn the direction of text around are among the formats.
                    case .control, .format, .lineSeparator, .paragraphSeparator: "·"
                    default: scalar
                    }
                }))
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case let scalar where scalar.value < 0x20:
                quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
