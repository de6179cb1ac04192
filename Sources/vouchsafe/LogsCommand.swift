import App
import ArgumentParser
import Detection
import Flows
import Identity
import Kernel
import LogFormats
import Store
import Wire

/// The logs that are collected.
struct LogsCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "logs", "Register log sources, see what comes from them, and search what is kept.",
        listing: [
            LogsList.self, LogsAdd.self, LogsShow.self, LogsSearch.self, LogsVerify.self, LogsKeep.self,
            LogsRemove.self,
        ])
}

/// Lists the registered log sources.
struct LogsList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readLogs
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the log sources: when they were last heard, and what came in a day.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let overview = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.logSources(
                of: tenant.id, in: try installation.archives(), live: { _ in nil }, isCollecting: false,
                as: .operator)
        }
        switch format {
        case .json: try Output.json(overview.sources)
        case .text:
            guard !overview.sources.isEmpty else {
                Output.line("No log source is registered. `vouchsafe logs add --help` says how to register one.")
                return
            }
            var table = TextTable("SOURCE", "FORMAT", "LAST HEARD", "EVENTS/DAY", "FAULTS", "LOST", "RULES", "COMES BY")
            for source in overview.sources {
                let heard = source.lastSeen.map { String($0.description.prefix(16)) } ?? "never"
                table.add(
                    source.name, source.format, source.isSilent ? "\(heard) silent" : heard, "\(source.events)",
                    "\(source.faults)", "\(source.lost)", "\(source.canFire) of \(source.applicable)", source.way)
            }
            for line in table.lines { Output.line(line) }
            Output.line(
                "\(overview.archivedRecords) records in \(overview.archivedBytes >> 10) KiB lie in closed files, kept for \(overview.retentionDays) days; what came lately is in the open one."
            )
        }
    }
}

/// Registers a log source.
struct LogsAdd: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeLogs
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Register a log source: a running server takes its records from now on.",
        discussion: """
            Say how its records come: sent by a program over HTTPS (nothing to say), as syslog from networks (--from) or from \
            whoever has a certificate (--certificate), from a file of this machine (--file), or from its journal (--journal).

              vouchsafe logs add office --format syslog --from 10.0.0.0/8
              vouchsafe logs add web --format access --file /var/log/nginx/access.log
              vouchsafe logs add shop --format json --service shop --map client.ip=c-ip
            """)

    @Argument(help: "What people call it.")
    var name: String

    @Option(help: "The form of its records; see `vouchsafe detect --help`. syslog for syslog, journal for the journal.")
    var format: LogFormat?

    @Option(help: ArgumentHelp("A network that its syslog comes from; may be repeated.", valueName: "network"))
    var from: [String] = []

    @Option(
        help: ArgumentHelp("The SHA-256 of the certificate that its syslog is sent with over TLS.", valueName: "hex"))
    var certificate: String?

    @Option(help: ArgumentHelp("The file that is followed, by its whole path.", valueName: "path"))
    var file: String?

    @Flag(help: "The journal of this machine is followed.")
    var journal = false

    @Option(help: "After how long without a record it counts as silent: 30m, 24h, 7d.")
    var silentAfter = "24h"

    @Option(help: "For JSON: the product that rules name for such logs.")
    var product: String?

    @Option(help: "For JSON: the category that rules name for such logs.")
    var category: String?

    @Option(help: "For JSON: the service that rules name for such logs.")
    var service: String?

    @Option(
        name: .customLong("map"),
        help: ArgumentHelp(
            "For JSON: a record's field, nested ones with points, and the name that rules have for it; may be repeated.",
            valueName: "field=name"))
    var mappings: [String] = []

    @OptionGroup var options: DataOptions

    func validate() throws {
        let ways = [!from.isEmpty, certificate != nil, file != nil, journal].count { $0 }
        guard ways <= 1 else {
            throw ValidationError("Name one way: --from, --certificate, --file or --journal.")
        }
        guard Period(silentAfter) != nil else { throw ValidationError("--silent-after takes 30m, 24h or 7d.") }
        for mapping in mappings where mapping.split(separator: "=", maxSplits: 1).count != 2 {
            throw ValidationError("--map takes field=name.")
        }
    }

    private var way: WatchedLog.Way {
        if !from.isEmpty { return .networks(from) }
        if let certificate { return .certificate(certificate.lowercased().replacing(":", with: "")) }
        if let file { return .file(file) }
        return journal ? .journal : .https
    }

    private var usualFormat: LogFormat {
        switch way {
        case .networks, .certificate: .syslog
        case .journal: .journal
        case .https, .file: .json
        }
    }

    func run() async throws {
        var mapping: [String: String] = [:]
        for text in mappings {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            mapping[parts[0]] = parts[1]
        }
        let settings = WatchedLog.Settings(
            name: name, format: format ?? usualFormat, way: way, silenceAfter: Period(silentAfter) ?? .hours(24),
            product: product, category: category, service: service, mapping: mapping)
        let source = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.logs.register(settings, in: tenant.id, as: .operator)
        }
        Output.line("Registered: \(source.settings.name), \(source.settings.way.words)")
        if case .https = source.settings.way {
            Output.line(
                "Send its records, one a line, to /api/v1/logs/\(source.id)/records with a token that may logs.send.")
        }
    }
}

/// Shows one log source.
struct LogsShow: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readLogRecords
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one log source: its fields, and which rules can see something in it.")

    @Argument(help: "The source: its name or its id.")
    var source: String

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let detail = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.logSource(source, of: tenant.id, live: { _ in nil }, as: .operator)
        }
        guard format == .text else { return try Output.json(detail) }
        let summary = detail.source
        Output.line("\(summary.name): \(summary.format), \(summary.way)")
        Output.line("Last heard: \(summary.lastSeen?.description ?? "never"). \(summary.events) events in a day.")
        Output.line(
            "\(summary.applicable) rules are for this kind of log; \(summary.canFire) can match with the fields that its events have."
        )
        for rule in detail.blind.prefix(20) {
            Output.line("  blind: \(rule.title) (lacks \(rule.missing.joined(separator: ", ")))")
        }
        if detail.blindCount > 20 { Output.line("  and \(detail.blindCount - 20) more") }
        if !detail.fields.isEmpty { Output.line("Fields: \(detail.fields.joined(separator: ", "))") }
    }
}

/// Takes a log source out.
struct LogsRemove: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeLogs
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take no more records of a log source; what is kept of it stays until its time is over.")

    @Argument(help: "The source: its name or its id.")
    var source: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let removed = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.logs.remove(source, in: tenant.id, as: .operator)
        }
        Output.line("Removed: \(removed.settings.name)")
    }
}

/// Decides how long records are kept, and how quickly somebody must look.
struct LogsKeep: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeLogs
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Decide how long records are kept, and within how long days are reviewed.",
        discussion: "Without options it shows what was decided.")

    @Option(help: "For how many days records are kept.")
    var days: Int?

    @Option(help: "Within how many days of its end a day must be reviewed.")
    var reviewWithin: Int?

    @Option(
        name: .customLong("see-to"),
        help: ArgumentHelp(
            "Within how many hours alerts of a level must be acknowledged, such as high=4; may be repeated.",
            valueName: "level=hours"))
    var levels: [String] = []

    @OptionGroup var options: DataOptions

    private var levelHours: [String: Int] {
        get throws {
            var hours: [String: Int] = [:]
            for text in levels {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, Severity(rawValue: parts[0]) != nil, let number = Int(parts[1]) else {
                    throw ValidationError("--see-to takes a level and hours, such as high=4.")
                }
                hours[parts[0]] = number
            }
            return hours
        }
    }

    func validate() throws { _ = try levelHours }

    func run() async throws {
        let hours = try levelHours
        let settings = try await withOrganisation(options) { [days, reviewWithin] installation, tenant in
            let logs = installation.rooms.logs
            guard days != nil || reviewWithin != nil || !hours.isEmpty else {
                return try await logs.settings(of: tenant.id, as: .operator)
            }
            return try await logs.decide(
                { settings in
                    if let days { settings.retentionDays = days }
                    if let reviewWithin { settings.reviewDays = reviewWithin }
                    settings.acknowledgementHours.merge(hours) { $1 }
                }, in: tenant.id, as: .operator)
        }
        Output.line("Records are kept for \(settings.retentionDays) days.")
        Output.line("A day must be reviewed within \(settings.reviewDays) days of its end.")
        for level in Severity.allCases.reversed() {
            if let hours = settings.acknowledgementHours[level.rawValue] {
                Output.line("Alerts of level \(level.rawValue) must be acknowledged within \(hours) hours.")
            }
        }
    }
}
