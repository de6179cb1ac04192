import Kernel

/// How the program ends, for scripts.
enum ExitStatus: Int32, Error {
    case well = 0
    case broken = 1
    case wrongUse = 2
    case notDone = 3

    init(_ problem: Problem) {
        if Self.problemsOfTyping.contains(problem.code) {
            self = .wrongUse
        } else {
            self = problem.kind == .unavailable ? .notDone : .broken
        }
    }

    /// The problems with what was typed, not with what was found: a script must not take a misspelt name for a broken promise.
    private static let problemsOfTyping: Set = [
        "check.unknown", "commitment.not-found", "commitment.which", "data.unnamed", "exception.until", "input.text",
        "key.source", "log-source.text", "organisation.not-found", "organisation.which", "person.not-found",
        "witness.address",
        "service-account.not-found", "token.not-found", "token.permissions", "token.until", "witness.not-found",
        "probe.request", "scan.address", "scan.libraries", "scan.other-target", "scan.rate", "scan.target",
        "site.address", "site.not-found", "verify.log-key",
        "verify.no-proof", "verify.no-witnesses",
        "follow.operator-address",
    ]
}
