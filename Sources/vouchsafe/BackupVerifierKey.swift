import ArgumentParser
import Backups
import Foundation
import Kernel
import Ledger

/// Makes the key pair of somebody who verifies backups.
struct BackupVerifierKey: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "verifier-key", abstract: "Make the key that signs receipts of restored backups.",
        discussion: """
            Writes the secret key to FILE, readable by its owner only, and shows the verifier key, which the server is told \
            with `vouchsafe backup trust`. Give the same FILE again to show the verifier key once more.
            """)

    @Argument(help: "The file for the secret key.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "The key's name, without spaces and plus signs; this machine's if not given.", valueName: "name"))
    var name: String?

    func run() throws {
        if FileManager.default.fileExists(atPath: file) {
            guard name == nil else {
                throw Problem(
                    .conflict, code: "backup.key-exists", "There is a file of this name already; it is left as it is.",
                    hint: "Choose another for the new key.", place: Problem.Place(file: file))
            }
            let bytes = try Input.bytes(of: file, limit: 4096)
            return Output.line(try NoteSigner(parsingSecret: String(decoding: bytes, as: UTF8.self)).verifier.text)
        }
        let signer = try NoteSigner(name: name ?? ProcessInfo.processInfo.hostName, randomness: .system)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o400)
        guard descriptor >= 0 else { throw unwritable(errno) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(signer.secretText.utf8))
            try handle.synchronize()
        } catch {
            unlink(file)
            throw unwritable(EIO)
        }
        Output.line(signer.verifier.text)
    }

    private func unwritable(_ reason: Int32) -> Problem {
        Problem(
            .unavailable, code: "backup.unwritable",
            "The key cannot be written: \(String(cString: strerror(reason))).", place: Problem.Place(file: file))
    }
}
