import Foundation
import Kernel

/// Why somebody decided something, in their own words: there must be some.
struct ReasonText {
    let text: String

    /// - Parameter field: The form's field that it was written in.
    /// - Throws: `Problem` of `code` if nothing is written, or more than 4,000 bytes.
    init(_ written: String, code: String, field: String = "reason") throws(Problem) {
        text = written.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...4000).contains(text.utf8.count) else {
            throw Problem(
                .invalid, code: code, text.isEmpty ? "Say why." : "This is too long to be read.",
                hint: "One or two sentences that somebody else understands in a year.",
                place: Problem.Place(field: field))
        }
    }
}
