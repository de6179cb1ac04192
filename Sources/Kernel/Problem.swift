/// What went wrong, said once and for everyone: a stable code for programs, a sentence and a next step for people.
///
/// The command line prints it, the API turns it into RFC 9457 problem details, a page shows it. The private cause goes
/// to the log and nowhere else. Nothing in the public parts may be secret or personal.
public struct Problem: Error, Hashable, Sendable {
    /// What kind of failure this is; each edge maps it to an exit code or a status once.
    public enum Kind: String, Sendable {
        /// The request or the file is wrong (HTTP 400, exit code 1).
        case invalid
        /// Who asks is not known (HTTP 401).
        case unauthenticated
        /// Who asks may not (HTTP 403).
        case forbidden
        /// There is no such thing here (HTTP 404).
        case notFound
        /// Someone else was faster, or the thing is there already (HTTP 409).
        case conflict
        /// Too often, or too many at once (HTTP 429).
        case tooMuch
        /// What was sent is too large (HTTP 413).
        case tooLarge
        /// What was sent is of a type that is not taken here (HTTP 415).
        case wrongType
        /// The thing is there, and cannot be asked for by this method (HTTP 405).
        case wrongMethod
        /// Evidence, a proof or stored data does not hold (exit code 1).
        case refused
        /// The machine could not: a file, the disk, the database, the network (HTTP 503, exit code 3).
        case unavailable
    }

    /// A place in something that a person wrote or that was stored.
    public struct Place: Hashable, Sendable, CustomStringConvertible {
        /// The file's name, if it is one.
        public let file: String?
        /// The line, from 1.
        public let line: Int?
        /// The field's path, such as `spans[3].at`.
        public let field: String?

        /// A place out of the parts that are known.
        public init(file: String? = nil, line: Int? = nil, field: String? = nil) {
            self.file = file
            self.line = line
            self.field = field
        }

        /// `file:line: field`, with what is known.
        public var description: String {
            var text = file ?? ""
            if let line { text += text.isEmpty ? "line \(line)" : ":\(line)" }
            if let field { text += text.isEmpty ? field : ": \(field)" }
            return text
        }
    }

    /// What kind of problem it is, which decides how a program must take it.
    public let kind: Kind
    /// A stable name for programs, such as `pack.span-overlap`.
    public let code: String
    /// One sentence for people: what is wrong.
    public let message: String
    /// What to do next, if there is something to do.
    public let hint: String?
    /// Where it is wrong.
    public let place: Place?
    /// What lies behind it, for the log only.
    public let cause: String?
    /// How long to wait before it is worth trying again, where that is known.
    public let retryAfter: Period?

    /// A problem out of its parts; `message` is one sentence for people.
    public init(
        _ kind: Kind, code: String, _ message: String, hint: String? = nil, place: Place? = nil, cause: String? = nil,
        retryAfter: Period? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
        self.place = place
        self.cause = cause
        self.retryAfter = retryAfter
    }

    /// The same problem, found in `file`.
    public func located(in file: String) -> Problem {
        Problem(
            kind, code: code, message, hint: hint,
            place: Place(file: file, line: place?.line, field: place?.field), cause: cause, retryAfter: retryAfter)
    }
}

extension Problem: CustomStringConvertible {
    /// Place, message and hint on one or two lines, as the command line prints them.
    public var description: String {
        var text = place.map { "\($0): " } ?? ""
        text += message
        if let hint { text += "\n  \(hint)" }
        return text
    }
}

extension Error {
    /// The error with what lies behind it: for the log and for the operator's own terminal, never for an answer.
    public var forTheLog: String {
        guard let problem = self as? Problem, let cause = problem.cause else { return "\(self)" }
        return "\(problem) (\(cause))"
    }
}
