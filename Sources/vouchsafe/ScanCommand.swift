import ArgumentParser

/// Looking at what a server shows to everybody.
struct ScanCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "scan", "Judge what a site or a server shows to everybody.",
        listing: [ScanWeb.self, ScanTLS.self, ScanSite.self, ScanRecorded.self, ScanDiff.self])
}
