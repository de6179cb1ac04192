import Sigma
import Synchronization

/// Matchers of one set of rules: as many as threads match at once, each used by one at a time.
final class MatcherSlots: Sendable {
    let rules: ReadyRules
    private let slots: [Slot]

    private final class Slot: Sendable {
        let matcher: Mutex<RuleMatcher>

        init(_ rules: CompiledRules) {
            matcher = Mutex(RuleMatcher(rules, routing: .unsaid))
        }
    }

    init(_ rules: ReadyRules, width: Int) {
        self.rules = rules
        slots = (0..<max(1, width)).map { _ in Slot(rules.compiled) }
    }

    /// Lends a matcher that nobody is using; waits for one where more ask than there are.
    func use<T: Sendable>(_ work: (RuleMatcher) -> T) -> T {
        for slot in slots {
            if let result = slot.matcher.withLockIfAvailable({ work($0) }) { return result }
        }
        return slots[0].matcher.withLock { work($0) }
    }
}
