import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct ProofTests {
    let folder: Folder
    let key: String

    init() throws {
        folder = try Folder()
        try Samples.install(in: folder)
        key = try #require(try Program.run("ledger", "key", "--data", folder["data"]).lines.first)
        let proof = try Program.run("proof", "disks", "--data", folder["data"])
        try #require(proof.status == 0, "\(proof.messages)")
        try folder.write(proof.output, to: "proof")
    }

    @Test func aProofIsAuthenticWithNothingButTheFileAndTheKey() throws {
        let bare = try Folder()
        let bytes = try folder.bytes(of: "proof")
        try bare.write(bytes, to: "proof")
        let verified = try Program.run(["verify", "proof", "--key", key], environment: [:], in: bare)
        #expect(verified.status == 0, "\(verified.messages)")
        #expect(verified.lines.first == "The proof is authentic.")
        #expect(try bare.files(below: ".").map(\.name) == ["./proof"])
        let piped = try Program.run("verify", "-", "--key", key, input: String(decoding: bytes, as: UTF8.self))
        #expect(piped.status == 0)
    }

    @Test func theCommitmentMayBeNamedWithItsPolicy() throws {
        let proof = try Program.run("proof", "desk-rules/disks", "--data", folder["data"])
        #expect(proof.output == (try folder.bytes(of: "proof")))
        for name in ["nonsense", "desk-rules/nonsense", "nonsense/disks"] {
            let unknown = try Program.run("proof", name, "--data", folder["data"])
            #expect(unknown.status == 2)
            #expect(unknown.output.isEmpty)
            #expect(unknown.messages.contains("vouchsafe status"))
        }
    }

    @Test func aChangedByteIsRefusedWithAReason() throws {
        let bytes = try folder.bytes(of: "proof")
        for position in Array(stride(from: 0, to: bytes.count, by: 41)) + [bytes.count - 1] {
            var changed = bytes
            changed[position] ^= 1
            try folder.write(changed, to: "changed")
            let verified = try Program.run("verify", "changed", "--key", key, in: folder)
            #expect(verified.status == 1, "byte \(position)")
            #expect(verified.output.isEmpty)
            #expect(verified.messages.hasPrefix("error: changed:"), "byte \(position): \(verified.messages)")
        }
        for shorter in [Array(bytes.dropLast()), Array(bytes.prefix(bytes.count / 2)), []] {
            try folder.write(shorter, to: "changed")
            #expect(try Program.run("verify", "changed", "--key", key, in: folder).status == 1)
        }
    }

    @Test func anotherKeyIsRefusedAndAMalformedOneIsWrongUse() throws {
        let other = try Folder()
        try Samples.install(in: other)
        let otherKey = try #require(try Program.run("ledger", "key", "--data", other["data"]).lines.first)
        let refused = try Program.run("verify", folder["proof"], "--key", otherKey)
        #expect(refused.status == 1)
        #expect(refused.output.isEmpty)
        for malformed in ["", "garbage", String(key.dropLast(3)), key + "A"] {
            let wrong = try Program.run("verify", folder["proof"], "--key", malformed)
            #expect(wrong.status == 2, "\(malformed)")
            #expect(wrong.messages.contains("--key: "))
        }
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        for file in [folder["none"], folder.path] {
            let verified = try Program.run("verify", file, "--key", key)
            #expect(verified.status == 3)
            #expect(verified.messages.hasPrefix("error: \(file): The file cannot be read: "))
        }
        try folder.write([UInt8](repeating: 0x61, count: 10_000_000), to: "long")
        #expect(try Program.run("verify", folder["long"], "--key", key).status == 1)
    }

    @Test func afterItsTimeItSpeaksOfThePast() throws {
        let later = try Program.run("verify", folder["proof"], "--key", key, "--at", "2099-01-01")
        #expect(later.status == 0)
        #expect(later.text.contains(": was unproven"))
        #expect(later.text.contains("It says nothing about the time since"))
        let strict = try Program.run("verify", folder["proof"], "--key", key, "--require-kept")
        #expect(strict.status == 1)
    }

    @Test func theJSONFormNamesEverything() throws {
        let verified = try Program.run("verify", folder["proof"], "--key", key, "--format", "json")
        let result = try #require(verified.json as? [String: Any])
        #expect(result["commitment"] as? String == "disks")
        #expect(result["policy"] as? String == "desk-rules")
        #expect(result["verdict"] as? String == "unproven")
        #expect(result["isCurrent"] as? Bool == true)
    }
}
