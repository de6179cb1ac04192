import Foundation
import Testing
import WebPosture

/// The reference's own cases, where they lie beside the project.
private enum Reference {
    static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/conformance/observatory/cases.json").standardized

    struct Case: Decodable {
        let test, description: String
        let expected: AnyJSON

        /// What an answer to this kind of question must hold.
        var members: [String] {
            if test == "fn:scan" { return ["scan", "tests"] }
            return test.hasPrefix("fn:") ? ["value"] : ["result", "pass", "score_modifier"]
        }
    }

    static let isThere = FileManager.default.fileExists(atPath: file.path)
}

/// Any JSON, to compare with.
private enum AnyJSON: Decodable, Equatable {
    case text(String)
    case number(Double)
    case boolean(Bool)
    case null
    case array([AnyJSON])
    case object([String: AnyJSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([AnyJSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: AnyJSON].self))
        }
    }

    subscript(name: String) -> AnyJSON {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    /// Tells whether the member `name` is `wanted`; of a scan and its tests only what the answer has must be the same.
    func holds(_ wanted: AnyJSON, at name: String) -> Bool {
        guard ["scan", "tests"].contains(name), case .object(let found) = self[name] else {
            return self[name] == wanted
        }
        return !found.isEmpty
            && found.allSatisfy { key, value in
                guard case .object(let inner) = value else { return value == wanted[key] }
                return inner.allSatisfy { $1 == wanted[key][$0] }
            }
    }
}

@Suite("Recorded exchanges")
struct RecordedCaseTests {
    @Test("each is answered as the reference answers it", .enabled(if: Reference.isThere))
    func everyCase() throws {
        let bytes = try Data(contentsOf: Reference.file)
        let cases = try JSONDecoder().decode([Reference.Case].self, from: bytes)
        let answers = try JSONDecoder().decode([RecordedCase].self, from: bytes).map(\.answer)
        #expect(answers.count == cases.count)
        for (asked, answer) in zip(cases, answers) {
            let line = try JSONDecoder().decode(AnyJSON.self, from: JSONEncoder().encode(answer))
            let members = asked.expected["throws"] == .boolean(true) ? ["throws"] : asked.members
            for member in members {
                #expect(
                    line.holds(asked.expected[member], at: member), "\(asked.test), \(asked.description): \(member)")
            }
        }
    }

    @Test(
        "functions of the reference answer by their names",
        arguments: [
            (
                #"{"test":"fn:site-parse","input":{"site":"user:pw@EXAMPLE.com:8443\\a"}}"#,
                #"{"test":"fn:site-parse","value":{"hostname":"example.com","path":"\/a","port":8443}}"#
            ),
            (
                #"{"test":"fn:grade-for-score","input":{"score":-5}}"#,
                #"{"test":"fn:grade-for-score","value":{"grade":"F","score":0}}"#
            ),
            (
                #"{"test":"fn:score-modifier","input":{"result":"sri-not-implemented-response-not-html"}}"#,
                #"{"test":"fn:score-modifier","value":0}"#
            ),
            (#"{"test":"fn:parse-csp","input":{"policies":[]}}"#, #"{"test":"fn:parse-csp","value":{}}"#),
        ])
    func functions(question: String, answer: String) throws {
        let recorded = try JSONDecoder().decode(RecordedCase.self, from: Data(question.utf8))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(recorded.answer), as: UTF8.self) == answer)
    }
}
