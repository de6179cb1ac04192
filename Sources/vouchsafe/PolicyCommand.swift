import App
import ArgumentParser
import Crypto
import Kernel
import Packs

/// Working with policies and their packs.
struct PolicyCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "policy", "Draft, check, compare and import policies.",
        listing: [PolicyDraft.self, PolicyLint.self, PolicyDiff.self, PolicyImport.self])

    /// Whether `text` is the text that a pack describes.
    static func isText(_ text: [UInt8], of pack: Pack) -> Bool {
        pack.policy.text.sha256 == Array(SHA256.hash(data: text)).hex
    }

    /// Throws the first problem of a pack, if it has any.
    static func refuse(_ bytes: [UInt8], file: String, text: [UInt8]?) throws {
        let problems = PackLint.problems(
            PackReader.read(bytes, file: file), text: text, catalogue: Installation.catalogue)
        guard let first = problems.first else { return }
        guard problems.count > 1 else { throw first }
        throw Problem(
            first.kind, code: first.code, first.message,
            hint: "There are \(problems.count - 1) more problems; `vouchsafe policy lint \(file)` lists them all.",
            place: first.place)
    }
}
