import YAMLReading

/// How large a pack may be. Far above any real policy, low enough that no file can exhaust the machine.
enum PackLimits {
    static let textBytes = 4 << 20
    static let fileBytes = 4 << 20
    static let kind = YAMLKind(
        code: "pack", name: "pack", bytes: fileBytes, depth: 12, emptyHint: "Start with `format: \(Pack.format)`.")
    static let spans = 20_000
    static let commitments = 5000
    static let checksPerCommitment = 50
    static let namesPerSpan = 100
    static let references = 100
    static let defects = 1000
    static let wordBytes = 64
    static let sentenceBytes = 4096
    /// Beyond this many problems the rest is not listed.
    static let problems = 1000
}
