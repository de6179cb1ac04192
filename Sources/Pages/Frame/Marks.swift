import Kernel
import Mustache
import Verdicts

/// A verdict as it is shown: its word, and the name that its symbol and its colour go by.
struct VerdictMark: MustacheParent {
    let verdict: Verdict
    let word: String

    init(_ verdict: Verdict) {
        self.verdict = verdict
        word = verdict.word
    }

    var name: String { verdict.rawValue }

    func child(named name: String) -> Any? {
        switch name {
        case "name": verdict.rawValue
        case "word": word
        default: nil
        }
    }
}

extension Verdict {
    var word: String {
        switch self {
        case .kept: "Kept"
        case .broken: "Broken"
        case .stale: "Stale"
        case .unproven: "Unproven"
        case .unprovable: "Unprovable"
        case .withdrawn: "Withdrawn"
        }
    }

    /// What the word means, in one short sentence.
    var meaning: String {
        switch self {
        case .kept: "Every check passes on all it covers, with fresh evidence."
        case .broken: "At least one check fails on more than it may."
        case .stale: "It was shown once; the evidence has run out."
        case .unproven: "Evidence is missing."
        case .unprovable: "As worded, no evidence could ever show it."
        case .withdrawn: "No longer promised."
        }
    }

    /// The order in which verdicts ask for attention.
    var urgency: Int {
        switch self {
        case .broken: 0
        case .stale: 1
        case .unproven: 2
        case .unprovable: 3
        case .withdrawn: 4
        case .kept: 5
        }
    }
}

/// A result on one subject as it is shown.
struct ResultMark: MustacheParent {
    let name: String
    let word: String

    /// - Parameter result: `nil` if the subject was never observed.
    init(_ result: CheckResult?, isFresh: Bool) {
        guard let result else {
            self.init(name: "never")
            return
        }
        guard isFresh else {
            let former = Self.words[result.rawValue] ?? result.rawValue
            self.init(name: "expired", word: "Expired (was: \(former.lowercased()))")
            return
        }
        self.init(name: result.rawValue)
    }

    private init(name: String, word: String) {
        self.name = name
        self.word = word
    }

    /// - Parameter name: a `CheckResult.rawValue`, `expired` or `never`; anything else is shown as unknown.
    /// - Parameter count: how many, if it stands for several.
    init(name: String, count: Int? = nil) {
        let bare = Self.words[name] ?? name
        self.init(
            name: Self.words[name] == nil ? "unknown" : name, word: count.map { "\($0) \(bare.lowercased())" } ?? bare)
    }

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "word": word
        default: nil
        }
    }

    /// The order in which results ask for attention.
    static let order = ["fail", "error", "unknown", "expired", "never", "pass", "not-applicable"]

    private static let words = [
        "fail": "Fail", "error": "Error", "unknown": "Unknown", "expired": "Expired", "never": "Never observed",
        "pass": "Pass", "not-applicable": "Not applicable",
    ]
}
