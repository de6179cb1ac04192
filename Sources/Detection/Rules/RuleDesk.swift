import Kernel
import Sigma
import Store
import Synchronization

/// Installs rules, tunes them, and makes them ready.
public struct RuleDesk: Sendable {
    private let database: Database
    private let ready = ReadyMemory()

    /// A desk over `database`.
    public init(database: Database) {
        self.database = database
    }

    /// What an update changed.
    public struct Changes: Sendable {
        /// What is new.
        public let added: [RuleDescription]
        /// What is gone.
        public let removed: [RuleDescription]
        /// What says something else now.
        public let changed: [RuleDescription]
        /// How many stayed as they were.
        public let unchanged: Int
        /// What cannot be used, and why.
        public let rejected: [RejectedRule]
        /// Tunings whose rule is gone; they stay, for when it comes back.
        public let orphaned: [RuleTuning]
    }

    /// Replaces all rules at once; tunings stay.
    ///
    /// - Parameter name: What people call the set: the file or folder that it came from.
    /// - Throws: `Problem` `rules.none` if nothing in it can be used, `rules.too-large`; the old rules run on then.
    public func install(
        _ files: [InstalledRules.File], named name: String, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> Changes {
        let files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        let tunings = try await tunings(of: organisation, as: principal)
        let new = try Self.usable(files, tunings: tunings)
        let before = try await database.scope(organisation, as: principal).change("rules.installed") { change in
            let stored = try change.view.find(InstalledRules.self, Self.only)
            let rules = InstalledRules(
                id: Self.only, name: name, files: files, installedAt: change.now)
            if let stored {
                try change.update(stored, to: rules)
            } else {
                try change.insert(rules)
            }
            return stored?.record.files ?? InstalledRules.own
        }
        return Self.changes(from: ReadyRules(before, tunings: []), to: new, tunings: tunings)
    }

    /// Tells what an update would change, and changes nothing.
    ///
    /// - Throws: As ``install(_:named:in:as:)``.
    public func preview(
        _ files: [InstalledRules.File], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Changes {
        let tunings = try await tunings(of: organisation, as: principal)
        let new = try Self.usable(
            files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }, tunings: tunings)
        let before = try await installed(in: organisation, as: principal)?.files ?? InstalledRules.own
        return Self.changes(from: ReadyRules(before, tunings: []), to: new, tunings: tunings)
    }

    private static func usable(_ files: [InstalledRules.File], tunings: [RuleTuning]) throws(Problem) -> ReadyRules {
        guard files.count <= InstalledRules.fileLimit,
            files.reduce(0, { $0 + $1.text.utf8.count }) <= InstalledRules.sizeLimit
        else {
            throw Problem(
                .tooLarge, code: "rules.too-large",
                "These are more than \(InstalledRules.fileLimit) files, or more than \(InstalledRules.sizeLimit >> 20) MiB.",
                hint: "Install the rules for the logs that you have.")
        }
        let new = ReadyRules(files, tunings: tunings)
        guard !new.descriptions.isEmpty else {
            throw Problem(
                .invalid, code: "rules.none", "There is no rule in it that can be used.",
                hint: new.ruleSet.rejected.first.map { "The first that was rejected: \($0.problem.message)" }
                    ?? "Name a file of Sigma rules, or a folder with .yml files.")
        }
        return new
    }

    private static func changes(from old: ReadyRules, to new: ReadyRules, tunings: [RuleTuning]) -> Changes {
        let before = RuleMeaning.all(of: old)
        let after = RuleMeaning.all(of: new)
        let both = after.filter { before[$0.key] != nil }
        let changed = both.filter { before[$0.key]?.says(the: $0.value) == false }
        return Changes(
            added: after.filter { before[$0.key] == nil }.map(\.value.about).sorted { $0.title < $1.title },
            removed: before.filter { after[$0.key] == nil }.map(\.value.about).sorted { $0.title < $1.title },
            changed: changed.map(\.value.about).sorted { $0.title < $1.title },
            unchanged: both.count - changed.count, rejected: new.ruleSet.rejected,
            orphaned: tunings.filter { after[$0.rule] == nil })
    }

    /// The rules that run now, made ready; the same object until something changes.
    public func ready(for organisation: Identifier<Organisation>, as principal: Principal) async throws -> ReadyRules {
        let edition = try await edition(of: organisation, as: principal)
        if let known = ready.rules(of: organisation, at: edition) { return known }
        let installed = try await installed(in: organisation, as: principal)
        let tunings = try await tunings(of: organisation, as: principal)
        if installed == nil, tunings.isEmpty {
            ready.keep(Self.own, of: organisation, at: edition)
            return Self.own
        }
        let rules = ReadyRules(
            installed?.files ?? InstalledRules.own, tunings: tunings, name: installed?.name,
            installedAt: installed?.installedAt)
        ready.keep(rules, of: organisation, at: edition)
        return rules
    }

    /// Made once for all organisations that have no others.
    private static let own = ReadyRules(InstalledRules.own, tunings: [])

    /// Changes with each change of rules and tunings.
    public func edition(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> [Int64] {
        try await database.scope(organisation, as: principal).read { view in
            [
                try view.newestEntry(of: InstalledRules.self), try view.newestEntry(of: RuleTuning.self),
                Int64(try view.count(RuleTuning.self)),
            ]
        }
    }

    /// The installed rules; `nil` while those run that come with the program.
    public func installed(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> InstalledRules? {
        try await database.scope(organisation, as: principal).read {
            try $0.find(InstalledRules.self, Self.only)?.record
        }
    }

    /// There is one set in each organisation, and in each it has this identifier.
    private static let only = Identifier<InstalledRules>(high: 0, low: 1)

    // MARK: - Tuning

    /// The tunings, oldest first.
    public func tunings(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [RuleTuning] {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(RuleTuning.self, Query(order: "since")).map(\.record)
        }
    }

    /// Adds a filter to one rule.
    ///
    /// - Throws: `Problem` `tuning.reason`, `tuning.field`, `tuning.too-many`.
    @discardableResult
    public func tune(
        _ rule: String, titled title: String, field: String, value: String, because reason: String,
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> RuleTuning {
        let reason = try ReasonText(reason, code: "tuning.reason").text
        guard (1...200).contains(field.utf8.count), value.utf8.count <= 4096 else {
            throw Problem(
                .invalid, code: "tuning.field", "This field cannot be used in a filter.",
                hint: "Choose one with a name and a short value.", place: Problem.Place(field: "choice"))
        }
        return try await database.scope(organisation, as: principal).change("rule.tuned") { change in
            guard try change.view.count(RuleTuning.self) < RuleTuning.limit else {
                throw Problem(
                    .tooMuch, code: "tuning.too-many", "There are \(RuleTuning.limit) tunings already.",
                    hint: "Remove those that are no longer needed.")
            }
            let tuning = RuleTuning(
                id: change.newIdentifier(), rule: rule, title: title, field: field, value: value, reason: reason,
                by: principal.actor, since: change.now)
            try change.insert(tuning)
            return tuning
        }
    }

    /// Takes a filter back.
    ///
    /// - Throws: `Problem` `rule_tuning.not-found`.
    public func removeTuning(
        _ id: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        try await database.scope(organisation, as: principal).change("rule.untuned", on: "tuning:\(id)") { change in
            guard let id = Identifier<RuleTuning>(id) else {
                throw Problem(.notFound, code: "rule_tuning.not-found", "There is no such tuning here.")
            }
            try change.delete(try change.view.require(RuleTuning.self, id))
        }
    }
}

/// The rules that were made ready last, one set for each organisation.
private final class ReadyMemory: Sendable {
    private let known = Mutex<[Identifier<Organisation>: (edition: [Int64], rules: ReadyRules)]>([:])
    private static let limit = 64

    func rules(of organisation: Identifier<Organisation>, at edition: [Int64]) -> ReadyRules? {
        known.withLock { known in known[organisation].flatMap { $0.edition == edition ? $0.rules : nil } }
    }

    func keep(_ rules: ReadyRules, of organisation: Identifier<Organisation>, at edition: [Int64]) {
        known.withLock { known in
            if known.count >= Self.limit, known[organisation] == nil { known.removeAll() }
            known[organisation] = (edition, rules)
        }
    }
}
