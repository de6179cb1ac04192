import Mustache

extension PageRenderer {
    /// A page from which the browser goes on by itself, with a link for when it does not.
    ///
    /// - Parameters:
    ///   - title: Where it goes, or what has happened.
    ///   - problem: What is wrong, one sentence; then the reader goes on when they have read it.
    ///   - label: What the link says.
    public func goOn(
        _ title: String, problem: String? = nil, label: String, to address: String, in frame: PageFrame
    ) -> String {
        render(GoOnPage(title: title, problem: problem, label: label, address: address), in: frame)
    }
}

struct GoOnPage: Page {
    static let template = "go-on"
    let title: String
    let problem: String?
    let label: String
    let address: String

    func child(named name: String) -> Any? {
        switch name {
        case "headline": title
        case "formProblem": problem ?? false
        case "label": label
        case "address": address
        default: nil
        }
    }
}
