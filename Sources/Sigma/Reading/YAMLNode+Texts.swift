import Kernel
import YAMLReading

extension YAMLNode {
    /// The elements of a list; what is none counts as a list of one.
    var elements: [YAMLNode] {
        if case .list(let items) = content { items } else { [self] }
    }

    /// The texts of a list, or the only one.
    ///
    /// - Throws: A problem that names the element that is no text.
    func texts(field: String) throws(Problem) -> [String] {
        var texts: [String] = []
        for element in elements {
            guard let text = element.scalar?.text else {
                throw ruleProblem("type", "`\(field)` is text or a list of text.", at: element, field: field)
            }
            texts.append(text)
        }
        return texts
    }
}

extension String {
    /// The text, unless there is none.
    var nonEmpty: String? { isEmpty ? nil : self }
}
