import Kernel
import Mustache

extension PageRenderer {
    /// What a person sees when something went wrong: the sentence, the next step and the request's id. Never the
    /// private cause.
    ///
    /// - Parameter request: the id under which the log knows this request.
    public func problem(_ problem: Problem, request: String, in frame: PageFrame) -> String {
        render(ProblemShowPage(problem: problem, request: request), in: frame)
    }
}

struct ProblemShowPage: Page {
    static let template = "problem-show"
    let problem: Problem
    let request: String

    var title: String { kindWords }

    func child(named name: String) -> Any? {
        switch name {
        case "kindWords": kindWords
        case "message": problem.message
        case "hint": problem.hint ?? false
        case "place": problem.place?.description ?? false
        case "code": problem.code
        case "request": request
        default: nil
        }
    }

    private var kindWords: String {
        switch problem.kind {
        case .invalid: "That cannot be accepted"
        case .unauthenticated: "Sign in first"
        case .forbidden: "Not allowed"
        case .notFound: "Not found"
        case .conflict: "Someone was faster"
        case .tooMuch: "Too much at once"
        case .tooLarge: "Too large"
        case .wrongType, .wrongMethod: "That cannot be taken here"
        case .refused: "Refused"
        case .unavailable: "Not available now"
        }
    }
}
