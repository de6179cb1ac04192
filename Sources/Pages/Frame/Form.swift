import Mustache

/// What a person filled into a form that could not be accepted, so that they need not type it again.
///
/// Passwords are never given back: leave them out of `values`.
public struct FilledForm: Hashable, Sendable {
    /// Field name → what was typed.
    public var values: [String: String]
    /// Field name → what is wrong with it, one sentence.
    public var problems: [String: String]
    /// What is wrong with the whole, one sentence.
    public var problem: String?

    /// A form as it came back; without arguments, one that nobody has touched.
    public init(values: [String: String] = [:], problems: [String: String] = [:], problem: String? = nil) {
        self.values = values
        self.problems = problems
        self.problem = problem
    }

    var isUntouched: Bool { values.isEmpty && problems.isEmpty && problem == nil }
}

/// One labelled field of a form, with its help and its problem next to it.
struct Field: MustacheParent {
    enum Kind: String {
        case text, email, password, date, number, long
    }

    let name: String
    let label: String
    let kind: Kind
    var help: String?
    /// The `autocomplete` token (HTML Living Standard, autofill detail tokens).
    var completion = "off"
    var shortest: Int?
    var longest: Int?
    /// What a number may be.
    var range: ClosedRange<Int>?
    /// What tells it from a field of the same name in another form of the page.
    var within: String?
    var isOptional = false
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "name": self.name
        case "label": label
        case "type": kind.rawValue
        case "isLong": kind == .long
        case "hasShortest": shortest != nil
        case "isOptional": isOptional
        case "shortest": shortest ?? 0
        case "longest": longest ?? false
        case "hasRange": range != nil
        case "least": range?.lowerBound ?? 0
        case "most": range?.upperBound ?? 0
        case "completion": completion
        case "value": kind == .password ? "" : form.values[self.name] ?? ""
        case "help": help.map(FieldText.init) ?? false
        case "problem": form.problems[self.name].map(FieldText.init) ?? false
        case "describedBy": describedBy ?? false
        default: nil
        }
    }

    private var id: String { within.map { "field-\($0)-\(name)" } ?? "field-\(name)" }

    private var describedBy: String? {
        let texts = [help == nil ? nil : "\(id)-help", form.problems[name] == nil ? nil : "\(id)-problem"]
        let present = texts.compactMap { $0 }
        return present.isEmpty ? nil : present.joined(separator: " ")
    }
}

private struct FieldText: MustacheParent {
    let text: String

    func child(named name: String) -> Any? {
        name == "text" ? text : nil
    }
}
