import Kernel
import YAMLReading

/// What reading a file gave: the pack, or everything that keeps it from being one.
public struct PackReading: Sendable {
    /// The pack; `nil` if there is any problem.
    public let pack: Pack?
    /// Every problem of form, in the order of the file.
    public let problems: [Problem]
    /// What could be made out in spite of the problems, so that the rest can be judged as well.
    let salvage: Pack?
    /// Some span or commitment could not be made out; what seems to be missing may only be misspelt.
    let lostSpans, lostCommitments: Bool
}

/// Reads packs. Refuses nothing silently: every problem is collected with its line and field, and no input crashes it.
public enum PackReader {
    /// Reads the bytes of a pack's file.
    ///
    /// - Parameters:
    ///   - bytes: the file's content, UTF-8, at most 4 MiB.
    ///   - file: the file's name for the places of problems.
    public static func read(_ bytes: [UInt8], file: String? = nil) -> PackReading {
        let root: YAMLNode
        do {
            root = try YAMLReader(PackLimits.kind).document(bytes)
        } catch {
            let problem = file.map { error.located(in: $0) } ?? error
            return PackReading(pack: nil, problems: [problem], salvage: nil, lostSpans: true, lostCommitments: true)
        }
        let findings = PackFindings(file: file)
        var parts = PackParts(findings: findings)
        var salvage = parts.pack(PackField(root, path: "", findings: findings))
        salvage?.places = findings.places
        return PackReading(
            pack: findings.problems.isEmpty ? salvage : nil, problems: findings.problems, salvage: salvage,
            lostSpans: parts.lostSpans, lostCommitments: parts.lostCommitments)
    }

    /// Reads the bytes of a pack's file, for callers that go on only with a whole pack.
    ///
    /// - Throws: the first problem; its hint says how many more there are.
    public static func pack(from bytes: [UInt8], file: String? = nil) throws(Problem) -> Pack {
        let reading = read(bytes, file: file)
        if let pack = reading.pack { return pack }
        guard let first = reading.problems.first else {
            throw Problem(.invalid, code: "pack.syntax", "The file could not be read as a pack.")
        }
        guard reading.problems.count > 1 else { throw first }
        let more = "And \(reading.problems.count - 1) more; `vouchsafe policy lint` lists them all."
        throw Problem(
            first.kind, code: first.code, first.message, hint: first.hint.map { "\($0) \(more)" } ?? more,
            place: first.place, cause: first.cause)
    }
}
