import Kernel

@testable import Packs

/// The digest of a text, taken from a draft of it.
enum PackDraftDigest {
    static func of(_ text: [UInt8]) -> Pack.TextDigest {
        let yaml = try? PackDraft.draft(text, catalogue: [])
        return yaml.flatMap { PackReader.read(Array($0.utf8)).pack?.policy.text }
            ?? Pack.TextDigest(sha256: "", bytes: -1)
    }
}
