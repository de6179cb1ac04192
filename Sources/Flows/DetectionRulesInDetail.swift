import Detection
import Kernel
import Sigma
import Store
import Wire

extension Rooms {
    /// The rules that run, what they cover, and what came of them.
    public func rules(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> RuleOverview {
        let now = clock.now()
        let ready = try await detectionRules.ready(for: organisation, as: principal)
        let recent = try await alerts.standings(since: now - .days(30), of: organisation, as: principal)
        let suppressions = try await alerts.suppressions(of: organisation, at: now, as: principal)
        let tunings = try await detectionRules.tunings(of: organisation, as: principal)
        let people = try await actorNames(
            of: suppressions.map(\.by) + tunings.map(\.by), in: organisation, as: principal)
        return RuleOverview(
            name: ready.name ?? "the rules of this program", installedAt: ready.installedAt,
            rules: ready.ruleSet.rules.count, correlations: ready.ruleSet.correlations.count,
            rejected: ready.ruleSet.rejected.prefix(100).map { $0.problem.description },
            rejectedCount: ready.ruleSet.rejected.count,
            tactics: try await tactics(ready, recent, of: organisation, as: principal),
            noise: try await noise(recent, of: organisation, as: principal),
            suppressions: suppressions.map {
                SuppressionSummary(
                    id: $0.id.description, rule: $0.rule, title: $0.title, reason: $0.reason,
                    by: people[$0.by] ?? $0.by, since: $0.since, until: $0.until, suppressed: $0.suppressed)
            },
            tunings: tunings.map {
                TuningSummary(
                    id: $0.id.description, rule: $0.rule, title: $0.title, field: $0.field, value: $0.value,
                    reason: $0.reason, by: people[$0.by] ?? $0.by, since: $0.since,
                    isInForce: ready.filters[$0.id] != nil, yaml: ready.filters[$0.id] ?? "")
            })
    }

    /// Which rules are heard most, and how often somebody acted on them.
    private func noise(
        _ alerts: [AlertStanding], of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [RuleNoise] {
        let loudest = Dictionary(grouping: alerts, by: \.ruleKey).sorted {
            ($1.value.count, $0.key.hex) < ($0.value.count, $1.key.hex)
        }.prefix(20)
        let newest = try await self.alerts.newest(of: loudest.map(\.key), in: organisation, as: principal)
        return loudest.compactMap { key, alerts in
            newest[key].map {
                RuleNoise(
                    rule: $0.rule, title: $0.title, alerts: alerts.count, events: alerts.reduce(0) { $0 + $1.count },
                    acted: alerts.count(where: \.isActedOn))
            }
        }
    }

    private func tactics(
        _ ready: ReadyRules, _ alerts: [AlertStanding], of organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> [TacticCoverage] {
        let registered = try await logs.sources(of: organisation, as: principal).map(\.id)
        let profiles = try await logs.profiles(of: organisation, as: principal)
        var applicable: Set<Int> = []
        var canFire: Set<Int> = []
        for source in registered {
            let coverage = RuleCoverage(ready, profile: profiles[source])
            applicable.formUnion(coverage.applicable)
            canFire.formUnion(coverage.canFire)
        }
        var counts: [String: (rules: Int, applicable: Int, canFire: Int, alerts: Int)] = [:]
        func count(_ about: RuleDescription, isApplicable: Bool, canMatch: Bool) {
            for tactic in Set(about.tactics) {
                var count = counts[tactic] ?? (0, 0, 0, 0)
                count.rules += 1
                count.applicable += isApplicable ? 1 : 0
                count.canFire += canMatch ? 1 : 0
                counts[tactic] = count
            }
        }
        for (index, rule) in ready.ruleSet.rules.enumerated() {
            count(rule.about, isApplicable: applicable.contains(index), canMatch: canFire.contains(index))
        }
        for correlation in ready.ruleSet.correlations {
            let rules = ready.rules(of: correlation)
            count(
                correlation.rule.about, isApplicable: !applicable.isDisjoint(with: rules),
                canMatch: !canFire.isDisjoint(with: rules))
        }
        let keys = try await self.alerts.ruleKeys(
            of: ready.descriptions.map(\.identity), in: organisation, as: principal)
        let heard = Dictionary(alerts.map { ($0.ruleKey, 1) }, uniquingKeysWith: +)
        for about in ready.descriptions {
            guard let key = keys[about.identity], let alerts = heard[key] else { continue }
            for tactic in Set(about.tactics) { counts[tactic, default: (0, 0, 0, 0)].alerts += alerts }
        }
        return counts.sorted { $0.key < $1.key }.map {
            TacticCoverage(
                tactic: $0.key, rules: $0.value.rules, applicable: $0.value.applicable, canFire: $0.value.canFire,
                alerts: $0.value.alerts)
        }
    }
}

extension RuleChanges {
    /// What an update changed, in words.
    public init(_ changes: RuleDesk.Changes) {
        self.init(
            added: changes.added.map(\.title), removed: changes.removed.map(\.title),
            changed: changes.changed.map(\.title), unchanged: changes.unchanged,
            rejected: changes.rejected.map { $0.problem.description }, orphaned: changes.orphaned.map(\.title))
    }
}
