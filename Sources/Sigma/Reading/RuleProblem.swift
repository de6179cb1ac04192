import Kernel
import YAMLReading

/// What is wrong with a rule, at a line and a field of its file.
func ruleProblem(
    _ code: String, _ message: String, hint: String? = nil, at node: YAMLNode? = nil, field: String? = nil
) -> Problem {
    Problem(
        .invalid, code: "rule.\(code)", message, hint: hint,
        place: node != nil || field != nil ? Problem.Place(line: node?.line, field: field) : nil)
}

/// What is wrong with a value or its modifiers; whoever knows the place makes a ``Problem`` of it.
struct RuleFault: Error {
    let code: String
    let message: String
    var hint: String?
}
