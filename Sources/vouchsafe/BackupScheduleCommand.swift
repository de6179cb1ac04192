import App
import ArgumentParser
import Backups
import Flows
import Kernel
import Store

/// Has backups made regularly.
struct BackupScheduleCommand: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Have the server make backups regularly, or show or end that.",
        discussion: """
            For example: vouchsafe backup schedule --data DIR --every 24h --to FOLDER --keep 14 --recipient age1…
            Older ones are removed, never the newest that was verified. Copies on another machine are yours to make.
            """)

    @OptionGroup var place: DataPlace

    @Option(help: ArgumentHelp("The time from one to the next, 15m to 31d.", valueName: "period"))
    var every: String?

    @Option(help: ArgumentHelp("The folder to write them to.", valueName: "folder"))
    var to: String?

    @Option(help: ArgumentHelp("How many to keep.", valueName: "count"))
    var keep = 14

    @OptionGroup var recipients: Recipients

    @Flag(help: "Make no more of them; those that were made stay.")
    var off = false

    func validate() throws {
        guard (every == nil) == (to == nil), !(off && every != nil) else {
            throw ValidationError(
                "Give --every and --to together, or --off alone, or none of them to see the schedule.")
        }
        if let every, Period(every) == nil { throw ValidationError("--every takes a period such as 24h.") }
    }

    func run() async throws {
        let recipients = try recipients.parsed()
        try await withInstallation(place) { installation in
            let backups = installation.rooms.backups
            if off {
                try await backups.dropSchedule(as: .operator)
                return Output.line("No more backups are made by themselves.")
            }
            if let every = every.flatMap({ Period($0) }), let to {
                try await backups.setSchedule(every: every, to: to, keep: keep, for: recipients, as: .operator)
            }
            guard let schedule = try await backups.schedule(as: .operator) else {
                return Output.line("No backups are scheduled.")
            }
            Output.line("A backup every \(schedule.every) to \(schedule.folder); the newest \(schedule.keep) are kept.")
            Output.line("They open for \(schedule.recipients.joined(separator: ", "))")
        }
    }
}
