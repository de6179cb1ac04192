/// Why a line is no event.
public enum EventFault: String, Error, Sendable, CaseIterable {
    /// The line is no JSON object.
    case notAnObject = "not a JSON object"
    /// The JSON ends or breaks off where something is missing, or holds what does not belong there.
    case malformed = "malformed JSON"
    /// Something stands behind the object.
    case trailing = "text behind the JSON object"
    /// The line is longer than events may be.
    case tooLong = "longer than 16 MiB"
}
