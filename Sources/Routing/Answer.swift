import Foundation
import Identity
import Kernel

/// What a route answers, before any web framework sees it.
public struct Answer: Sendable {
    /// What becomes of the caller's session.
    public enum SessionChange: Sendable {
        case begin(SecretToken)
        /// The password was right; the token stands for that until the second step.
        case wait(SecretToken)
        /// The browser goes to an identity provider, and comes back with the token.
        case visit(SecretToken)
        /// It came back.
        case endVisit
        case end
    }

    /// Where the bytes come from.
    public enum Content: Sendable {
        case bytes([UInt8])
        /// Server-sent events, each already framed; ends when the stream ends.
        case events(AsyncStream<String>)
    }

    /// The HTTP status, 200…599.
    public var status: Int
    /// The media type of the content, with its character set where it is text.
    public var contentType: String
    /// The body.
    public var content: Content
    /// Where to go instead.
    public var location: String?
    /// Where a browser goes on by itself from a page. Unlike a redirect it comes from our own page: after a form, other sites
    /// may be gone on to (CSP `form-action` holds for redirects), and coming from other sites, strict cookies are sent.
    public var goesOnTo: String?
    /// How long shared caches may keep it; nothing else may be kept anywhere.
    public var publicFor: Period?
    /// Changes with the content; lets a reader ask whether it has the newest.
    public var tag: String?
    /// Offered as a file of this name.
    public var fileName: String?
    /// What becomes of the caller's session; `nil` leaves it as it is.
    public var session: SessionChange?
    /// How long to wait before trying again.
    public var retryAfter: Period?
    /// What went wrong, where a page tells it and the form is there once more.
    public private(set) var problem: Problem?
    /// The methods by which this address can be asked.
    public var allowed: [String] = []

    /// An answer that is kept nowhere and changes no session, unless it is told otherwise.
    public init(_ status: Int = 200, contentType: String, _ content: Content) {
        self.status = status
        self.contentType = contentType
        self.content = content
    }

    /// A page.
    public static func page(_ html: String, status: Int = 200) -> Answer {
        Answer(status, contentType: "text/html; charset=utf-8", .bytes(Array(html.utf8)))
    }

    /// The page on which a person reads what is wrong.
    public static func page(_ html: String, telling problem: Problem) -> Answer {
        var answer = page(html, status: problem.kind.status)
        answer.retryAfter = problem.retryAfter
        answer.problem = problem
        return answer
    }

    /// JSON, with members in order and times in RFC 3339.
    public static func json(_ value: some Encodable, status: Int = 200) throws -> Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Answer(status, contentType: "application/json", .bytes([UInt8](try encoder.encode(value))))
    }

    /// A file to be saved.
    public static func file(
        _ bytes: [UInt8], name: String, mediaType: String = "text/plain; charset=utf-8"
    ) -> Answer {
        var answer = Answer(contentType: mediaType, .bytes(bytes))
        answer.fileName = name
        return answer
    }

    /// A redirect after a form, to be fetched with GET.
    public static func seeOther(_ location: String) -> Answer {
        var answer = Answer(303, contentType: "text/plain; charset=utf-8", .bytes([]))
        answer.location = location
        return answer
    }

    /// A redirect with which a session begins.
    public static func signedIn(_ session: SecretToken, at location: String = "/") -> Answer {
        var answer = seeOther(location)
        answer.session = .begin(session)
        return answer
    }

    /// A problem for a program (RFC 9457), answered with the status of its kind unless another is given.
    public static func problem(_ problem: Problem, status: Int? = nil, request: String) -> Answer {
        let details = ProblemDetails(problem, status: status, request: request)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(details)) ?? Data("{}".utf8)
        var answer = Answer(details.status, contentType: "application/problem+json", .bytes([UInt8](body)))
        answer.retryAfter = problem.retryAfter
        return answer
    }
}

/// Problem details (RFC 9457 §3) with our code, hint and field as extensions.
public struct ProblemDetails: Codable, Sendable {
    /// A name for the kind of problem, as a URI reference.
    public let type: String
    /// The problem's message: one sentence for people.
    public let title: String
    /// The HTTP status that it was answered with.
    public let status: Int
    /// What to do next, if there is something to do.
    public let detail: String?
    /// The request's number, to find it in the log.
    public let instance: String
    /// The problem's stable name for programs: `pack.span-overlap`.
    public let code: String
    /// The path of the field that is wrong, such as `spans[3].at`.
    public let field: String?

    /// The details of `problem`; its private cause stays behind.
    public init(_ problem: Problem, status: Int? = nil, request: String) {
        type = "/problems/\(problem.code)"
        title = problem.message
        self.status = status ?? problem.kind.status
        detail = problem.hint
        instance = request
        code = problem.code
        field = problem.place?.field
    }
}

extension Problem.Kind {
    /// The HTTP status that tells this kind.
    public var status: Int {
        switch self {
        case .invalid: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict, .refused: 409
        case .tooMuch: 429
        case .tooLarge: 413
        case .wrongType: 415
        case .wrongMethod: 405
        case .unavailable: 503
        }
    }
}
