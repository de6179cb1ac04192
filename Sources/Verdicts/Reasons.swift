import Kernel

extension Demand {
    /// Why it stands as it does, without the final stop.
    ///
    /// - Parameter ranOutAt: when the first of the evidence that is missing now ran out, where that is known.
    func reason(for verdict: Verdict, _ tally: Tally, ranOutAt: Instant?) -> String {
        switch verdict {
        case .kept: whyKept(tally)
        case .broken: whyBroken(tally)
        case .stale: whyStale(tally, ranOutAt: ranOutAt)
        case .unproven, .unprovable, .withdrawn: whyUnproven(tally)
        }
    }

    /// Failures that the threshold allows, or that do not decide, are told all the same; empty if there are none.
    func toleratedFailures(for verdict: Verdict, _ tally: Tally) -> String {
        guard verdict != .broken, tally.failing > 0 else { return "" }
        let failing = population.portion(tally.failing, of: tally.applicable)
        return "; \(failing) \(tally.failing == 1 ? "fails" : "fail") \(title)"
    }

    private func whyKept(_ tally: Tally) -> String {
        let verb = tally.passing == 1 ? "passes" : "pass"
        if tally.passing < tally.applicable {
            return "\(population.portion(tally.passing, of: tally.applicable)) \(verb) \(title) (\(threshold) must)"
        }
        if tally.notApplicable > 0 {
            return
                "\(population.counted(tally.passing)) \(verb) \(title), which does not apply to \(tally.notApplicable) more"
        }
        return "\(population.portion(tally.passing, of: tally.passing)) \(verb) \(title)".startingUpperCase
    }

    private func whyBroken(_ tally: Tally) -> String {
        let failing = population.portion(tally.failing, of: tally.applicable).startingUpperCase
        let limit = threshold == .all ? "" : " (\(threshold) must pass)"
        return "\(failing) \(tally.failing == 1 ? "fails" : "fail") \(title)\(limit)"
    }

    private func whyStale(_ tally: Tally, ranOutAt: Instant?) -> String {
        let count = tally.stale + tally.lapsed
        var text = "The evidence for \(title) ran out for \(population.portion(count, of: tally.applicable))"
        if let ranOutAt { text += ", \(count == 1 ? "on" : "first on") \(ranOutAt.inWords)" }
        if let missing { text += "; the check needs \(missing)" }
        return text
    }

    private func whyUnproven(_ tally: Tally) -> String {
        let open = tally.unproven
        if let missing, open > 0 || tally.population == 0 { return "The check \(title) needs \(missing)" }
        if tally.population == 0 { return "No \(population.singular) is \(population.arrival) yet" }
        if open == 0 {
            return tally.population == 1
                ? "\(title) does not apply to the one \(population.singular)"
                : "\(title) applies to none of the \(population.counted(tally.population))"
        }
        if tally.neverObserved == tally.applicable {
            return "No \(population.singular) has been observed yet for \(title)"
        }
        let portion = population.portion(open, of: tally.applicable)
        switch open {
        case tally.neverObserved:
            return "\(portion) \(open == 1 ? "has" : "have") not been observed yet for \(title)".startingUpperCase
        case tally.unknown: return "\(title) could not be determined on \(portion)"
        case tally.erroneous: return "The check \(title) could not run on \(portion)"
        default:
            let parts = [
                (tally.neverObserved, "never observed"), (tally.unknown, "undetermined"),
                (tally.erroneous, "with an error"),
            ]
            let list = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            return "\(title) is not known for \(portion): \(list)"
        }
    }
}

extension Promise {
    /// Why the commitment stands as its demands do: the deciding one's reason, how many others agree, and every failure.
    ///
    /// - Parameter deciding: the index of the demand whose verdict is the commitment's.
    func reason(deciding: Int, verdicts: [Verdict], tallies: [Tally], ranOutAt: Instant?) -> String {
        let verdict = verdicts[deciding]
        var text: String
        if verdict == .kept, demands.count > 1 {
            text = "All \(demands.count) checks hold"
        } else {
            text = demands[deciding].reason(for: verdict, tallies[deciding], ranOutAt: ranOutAt)
            let others = verdicts.count(where: { $0 == verdict }) - 1
            if others > 0 {
                text += "; \(others) other \(others == 1 ? "check is" : "checks are") \(verdict.rawValue) too"
            }
        }
        for index in demands.indices {
            text += demands[index].toleratedFailures(for: verdicts[index], tallies[index])
        }
        return text + "."
    }

    /// What needs no evidence to tell: not yet promised, withdrawn, unprovable, or without a check.
    func verdictWithoutEvidence(at moment: Instant) -> (verdict: Verdict, reason: String)? {
        if moment < startsAt { return (.unproven, "The policy was imported later, on \(startsAt.inWords).") }
        if let withdrawnAt, withdrawnAt <= moment { return (.withdrawn, "It was withdrawn on \(withdrawnAt.inWords).") }
        if let unprovable { return (.unprovable, unprovable) }
        return demands.isEmpty ? (.unproven, "No check is attached to this commitment.") : nil
    }
}
