import Kernel
import Store

/// Registers log sources and takes them out again, and knows what came from each.
public struct LogDesk<Intake: EvidenceIntake>: Sendable where Intake.Change == Change {
    let database: Database
    let intake: Intake
    let clock: WallClock

    /// The most log sources of one organisation.
    public static var limit: Int { 1000 }

    /// A desk over `database` that hands what is observed to `intake`.
    public init(database: Database, intake: Intake, clock: WallClock) {
        self.database = database
        self.intake = intake
        self.clock = clock
    }

    /// Takes a source into the population: its records are wanted from now on.
    ///
    /// - Throws: `Problem` `log-source.…` for what is wrong with the settings, `.known` (conflict), `.too-many`, and
    ///   `.operator` (forbidden) if only whoever runs the server may take records in this way.
    @discardableResult
    public func register(
        _ settings: WatchedLog.Settings, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> WatchedLog {
        let settings = try settings.checked()
        if settings.way.isOperators, principal != .operator {
            throw Problem(
                .forbidden, code: "log-source.operator",
                "Whose records come from the server's own machine and networks is decided on the server itself.",
                hint: "Run `vouchsafe logs add` there.")
        }
        if settings.way.isOperators { try await demandUntaken(settings.way, besides: organisation, as: principal) }
        return try await database.scope(organisation, as: principal).change("log-source.registered") {
            [intake] change in
            let known = try change.view.list(WatchedLog.self, Query("removed_at IS NULL")).map(\.record)
            if known.contains(where: {
                $0.settings.name == settings.name || $0.settings.way.collides(with: settings.way)
            }) {
                throw Problem(
                    .conflict, code: "log-source.known",
                    "There is a log source of this name, or one that takes the same records, already.",
                    hint: "Choose another name, or remove the other one.", place: Problem.Place(field: "name"))
            }
            guard known.count < Self.limit else {
                throw Problem(
                    .tooMuch, code: "log-source.too-many", "There are \(Self.limit) log sources already.",
                    hint: "Remove those that are gone.")
            }
            let source = WatchedLog(
                id: change.newIdentifier(), settings: settings, registeredAt: change.now, removedAt: nil)
            try change.insert(source)
            try intake.join(source.subject, at: change.now, in: change)
            // From the first source on there are rules that run, and alerts to see to.
            for subject in [
                DetectionChecks.rules(of: change.organisation), DetectionChecks.alerts(of: change.organisation),
            ] { try intake.join(subject, at: change.now, in: change) }
            return source
        }
    }

    /// Nobody takes what another organisation takes already: whose records they are would be chance.
    private func demandUntaken(
        _ way: WatchedLog.Way, besides organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        for other in try await database.scopes()
        where other != organisation && other != .installation && other != .operatorLog {
            let taken = try await sources(of: other, as: principal)
            guard !taken.contains(where: { $0.settings.way.collides(with: way) }) else {
                throw Problem(
                    .conflict, code: "log-source.taken", "Another organisation of this server takes these records.",
                    hint: "Name a narrower network, or another certificate or file.")
            }
        }
    }

    /// Takes a source out of the population; what is kept of it stays until its time is over.
    ///
    /// - Throws: `Problem` `log-source.not-found`.
    @discardableResult
    public func remove(
        _ id: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> WatchedLog {
        let source = try await find(id, in: organisation, as: principal)
        return try await database.scope(organisation, as: principal).change(
            "log-source.removed", on: "log-source:\(source.id)"
        ) { [intake] change in
            let stored = try change.view.require(WatchedLog.self, source.id)
            guard stored.record.removedAt == nil else { throw Self.notFound }
            try change.update(stored, to: stored.record.removed(at: change.now))
            try intake.leave(stored.record.subject, at: change.now, in: change)
            return stored.record
        }
    }

    /// The sources that are registered now, oldest first.
    public func sources(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [WatchedLog] {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(WatchedLog.self, Query("removed_at IS NULL", order: "registered_at")).map(\.record)
        }
    }

    /// Every source that ever was registered: alerts and records of the past name those that are gone too.
    public func everySource(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [WatchedLog] {
        try await database.scope(organisation, as: principal).read { try $0.list(WatchedLog.self).map(\.record) }
    }

    /// One registered source, by its identifier or its name.
    ///
    /// - Throws: `Problem` `log-source.not-found`.
    public func find(
        _ text: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> WatchedLog {
        let all = try await sources(of: organisation, as: principal)
        guard let source = all.first(where: { $0.id.description == text || $0.settings.name == text }) else {
            throw Self.notFound
        }
        return source
    }

    /// The newest entry of the ledger that wrote a source: it grows with each change of them.
    public func edition(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> Int64 {
        try await database.scope(organisation, as: principal).read { try $0.newestEntry(of: WatchedLog.self) }
    }

    static var notFound: Problem {
        Problem(
            .notFound, code: "log-source.not-found", "There is no such log source here.",
            hint: "`vouchsafe logs list` names them all.")
    }
}

extension ReadView {
    /// The newest entry of the ledger that wrote a record of this kind; -1 if there is none.
    func newestEntry<R: Record>(of type: R.Type) throws -> Int64 {
        var newest: Int64 = -1
        try scan(type, columns: ["entry"], Query(order: "entry DESC", limit: 1)) { newest = $0[0] }
        return newest
    }
}
