import App
import ArgumentParser
import Detection
import Flows
import Identity
import Kernel
import Store
import Wire

/// Searches the records that are kept.
struct LogsSearch: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readLogRecords
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search the records that are kept on this server, newest first.",
        discussion: """
            A record must hold every word; the case of letters does not matter. Times are those at which records were received. \
            Each search is an entry in the ledger.

              vouchsafe logs search 'Failed password' root --source office --from 2026-11-20
            """)

    @Argument(help: "What a record must hold; none finds all.")
    var text: [String] = []

    @Option(help: "Only records of this source, by its name or id; may be repeated.")
    var source: [String] = []

    @Option(help: ArgumentHelp("Only what was received from here on.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Only what was received before.", valueName: "time"))
    var to: String?

    @Option(help: "The most records, 1 to 10,000.")
    var limit = 100

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    @OptionGroup var options: DataOptions

    func validate() throws {
        for text in [from, to].compactMap({ $0 }) where Self.moment(text) == nil {
            throw ValidationError("\(text) is no time; write it as 2026-11-21 or 2026-11-21T10:00Z.")
        }
    }

    private static func moment(_ text: String) -> Instant? {
        Instant(text) ?? Instant(text + "Z") ?? Instant(text + "T00:00Z")
    }

    func run() async throws {
        let found = try await withOrganisation(options) { [text, source, from, to, limit] installation, tenant in
            try await installation.rooms.searchLogs(
                text.joined(separator: " "), sources: source, from: from.flatMap(Self.moment) ?? .distantPast,
                until: to.flatMap(Self.moment) ?? .distantFuture, limit: limit, of: tenant.id,
                in: try installation.archives(), as: .operator)
        }
        switch format {
        case .json: try Output.json(found)
        case .text:
            for record in found.records {
                Output.line("\(record.receivedAt)  \(record.name)  \(record.text.shownOnTerminal)")
            }
            if found.hasMore { Output.note("There are more; ask for them with --limit or a narrower time.") }
            if found.records.isEmpty { Output.note("Nothing was found.") }
        }
        for remark in found.remarks { Output.note("warning: \(remark)") }
    }
}

/// Verifies the archive.
struct LogsVerify: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readLedger
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify that what is kept on this server is whole and unchanged: every block of every file.")

    @OptionGroup var options: DataOptions

    func run() async throws {
        let result = try await withOrganisation(options) { installation, tenant in
            try await installation.archives().verify(in: tenant.id, as: .operator)
        }
        for problem in result.problems { Output.line("\(problem)") }
        Output.line(
            "\(result.segments) segments with \(result.records) records were read; \(result.problems.count) are not as they were written."
        )
        if !result.problems.isEmpty {
            throw Problem(
                .refused, code: "archive.differs", "The archive is not as it was written.",
                hint: "Keep a copy of the files, and restore the log folder from a backup.")
        }
    }
}

extension String {
    /// The text with what would move the terminal's cursor, or change its colours, left out.
    fileprivate var shownOnTerminal: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.value < 32 || (0x7F...0x9F).contains($0.value) ? " " : $0 }))
    }
}
