import Mustache

/// One of a few, each with a sentence: buttons of which one is pressed.
struct RadioChoice: MustacheParent {
    /// One of them.
    struct Option {
        let value: String
        let title: String
        /// What stands verbatim behind the title.
        var code: String?
    }

    let name: String
    let label: String
    var help: String?
    let options: [Option]
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "id": "field-\(self.name)"
        case "label": label
        case "help": help ?? false
        case "problem": form.problems[self.name] ?? false
        case "describedBy":
            [
                help == nil ? nil : "field-\(self.name)-help",
                form.problems[self.name] == nil ? nil : "field-\(self.name)-problem",
            ].compactMap(\.self).joined(separator: " ")
        case "isDescribed": help != nil || form.problems[self.name] != nil
        case "options":
            options.enumerated().map { position, option in
                OptionPart(
                    field: self.name, position: position, option: option,
                    isChosen: form.values[self.name] == option.value)
            }
        default: nil
        }
    }

    private struct OptionPart: MustacheParent {
        let field: String
        let position: Int
        let option: Option
        let isChosen: Bool

        func child(named name: String) -> Any? {
            switch name {
            case "optionID": "field-\(field)-\(position)"
            case "optionName": field
            case "optionValue": option.value
            case "optionTitle": option.title
            case "optionCode": option.code ?? false
            case "isChosen": isChosen
            default: nil
            }
        }
    }
}
