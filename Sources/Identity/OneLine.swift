import Foundation
import Kernel

/// A name or a remark that a person typed: one line, no control characters, not too long.
public enum OneLine {
    /// - Parameters:
    ///   - field: The field's name, for the problem.
    ///   - longest: The most characters, from 1.
    /// - Throws: `Problem` `input.text` that names the field.
    public static func checked(_ text: String, field: String, longest: Int) throws -> String {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let place = Problem.Place(field: field)
        guard !trimmed.isEmpty else {
            throw Problem(.invalid, code: "input.text", "The \(field) is empty.", hint: "Fill it in.", place: place)
        }
        guard trimmed.count <= longest else {
            throw Problem(
                .invalid, code: "input.text", "The \(field) is longer than \(longest) characters.", hint: "Shorten it.",
                place: place)
        }
        let isPlain = trimmed.unicodeScalars.allSatisfy { !CharacterSet.controlCharacters.contains($0) }
        guard isPlain else {
            throw Problem(
                .invalid, code: "input.text", "The \(field) contains control characters.",
                hint: "Use plain text on one line.",
                place: place)
        }
        return trimmed
    }
}
