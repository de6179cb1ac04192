import Kernel

/// The form of an auditor's export, `vouchsafe/export@v1`: JSON lines, of which every byte is vouched for.
///
/// The first line is the header with the signed checkpoint. Then comes each ledger entry in order, and behind it one line for
/// each row that it wrote, in the order of writing: the row itself, or only its digest if it was replaced or erased since. The
/// last line is signed over all lines before it.
/// Of each record there is one spelling only, so that a reader of the lines sees what the signatures cover and nothing else.
/// docs/export-format.md describes it for other people's programs.
public enum ExportFormat {
    static let name = "vouchsafe/export@v1"

    static let headerStart = "{\"format\":\"\(name)\","

    /// Whether a file that begins so is an export, of this version or another.
    public static func begins(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: "{\"format\":\"vouchsafe/export@".utf8)
    }

    /// The most bytes of one line. A line is what a reader must hold in memory at once.
    public static let lineLimit = 64 << 20

    /// The action of the ledger entry that tells of an export.
    public static let action = "record.exported"

    /// What that entry names as its subject.
    public static func subject(of export: Identifier<ExportFormat>) -> String { "export:\(export)" }

    static func malformed(_ reason: String, line: Int? = nil) -> Problem {
        Problem(
            .refused, code: "export.malformed", "The export is malformed. \(reason)",
            place: line.map { Problem.Place(line: $0) })
    }
}
