import ArgumentParser

/// Scans of servers and sites.
struct ScanCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "scan", "Scan servers and sites, and judge what they show.", listing: [ScanTLS.self])
}
