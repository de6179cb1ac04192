import ArgumentParser

/// Looking at what a server shows to everybody.
struct ScanCommand: ParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "scan", "Judge what a site or a server shows to everybody.",
        listing: [ScanWeb.self, ScanSite.self, ScanRecorded.self, ScanDiff.self])
}
