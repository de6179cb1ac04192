import App
import ArgumentParser
import Detection
import Flows
import Identity
import Kernel
import Store
import Wire

/// The alerts that rules raised.
struct AlertsCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "alerts", "See the alerts that rules raised, and see to them.",
        listing: [AlertsList.self, AlertsShow.self, AlertsAcknowledge.self, AlertsClose.self])
}

/// Lists alerts.
struct AlertsList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readAlerts
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the alerts: those that wait beyond their time first, then the newest.")

    @Option(help: "Which: open (not closed), acknowledged, closed or all.")
    var state = "open"

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func validate() throws {
        guard ["open", "acknowledged", "closed", "all"].contains(state) else {
            throw ValidationError("--state takes open, acknowledged, closed or all.")
        }
    }

    func run() async throws {
        let overview = try await withOrganisation(options) { [state] installation, tenant in
            try await installation.rooms.alerts(showing: state, of: tenant.id, as: .operator)
        }
        guard format == .text else { return try Output.json(overview) }
        guard !overview.alerts.isEmpty else { return Output.line("There is no such alert.") }
        var table = TextTable("LEVEL", "STATE", "LAST", "COUNT", "ALERT", "WHAT", "WHERE")
        for alert in overview.alerts {
            let group = alert.group.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            table.add(
                alert.level.rawValue, alert.state, String(alert.lastAt.description.prefix(16)), "\(alert.count)",
                alert.id, alert.title, (alert.sources + group).joined(separator: " "))
        }
        for line in table.lines { Output.line(line) }
        if overview.overdue > 0 { Output.line("\(overview.overdue) of them wait beyond their time.") }
    }
}

/// Shows one alert.
struct AlertsShow: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readAlerts
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one alert with the events that matched, as JSON.")

    @Argument(help: "The alert's id.")
    var alert: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        try Output.json(
            try await withOrganisation(options) { installation, tenant in
                try await installation.rooms.alert(alert, of: tenant.id, as: .operator)
            })
    }
}

/// Says that somebody is at an alert.
struct AlertsAcknowledge: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.handleAlerts
    static let configuration = CommandConfiguration(
        commandName: "acknowledge", abstract: "Say that somebody is at an alert.")

    @Argument(help: "The alert's id.")
    var alert: String

    @Option(help: "What is known so far.")
    var note = ""

    @OptionGroup var options: DataOptions

    func run() async throws {
        let done = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.alerts.acknowledge(alert, note: note, in: tenant.id, as: .operator)
        }
        Output.line("Acknowledged: \(done.title)")
    }
}

/// Says that an alert is over.
struct AlertsClose: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.handleAlerts
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Say that an alert is over, and what came of it.")

    @Argument(help: "The alert's id.")
    var alert: String

    @Option(
        name: .customLong("as"),
        help: "real, harmless (it was meant to) or mistaken (the rule should not have matched).")
    var outcome: Alert.Outcome

    @Option(help: "What was found.")
    var note: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let done = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.alerts.close(
                alert, as: outcome, note: note, in: tenant.id, as: .operator)
        }
        Output.line("Closed as \(outcome.rawValue): \(done.title)")
    }
}

extension Alert.Outcome: ExpressibleByArgument {}
