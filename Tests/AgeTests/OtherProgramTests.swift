import Foundation
import Kernel
import TestSupport
import Testing

@testable import Age

/// Debian's age, where it is installed: what one program seals the other opens. Its version 1.1.1 knows X25519 only.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/age"), "age is not installed"))
struct OtherProgramTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000], [false, true])
    func eachOpensWhatTheOtherSealed(size: Int, isArmoured: Bool) throws {
        let plaintext = Samples.bytes(size)
        let identity = try Samples.identity(.x25519)
        try write(Array("# a comment\n\(identity.text)\n".utf8), to: "identity")

        try write(try seal(plaintext, to: [identity.recipient], isArmoured: isArmoured), to: "ours.age")
        #expect(try run(["age", "-d", "-i", path("identity"), path("ours.age")], into: "theirs") == 0)
        let isSameThere = try read("theirs") == plaintext
        #expect(isSameThere)

        try write(plaintext, to: "plain")
        let form = isArmoured ? ["-a"] : []
        #expect(try run(["age"] + form + ["-r", identity.recipient.text, path("plain")], into: "their.age") == 0)
        let file = try read("their.age")
        let isSameHere = open(file, with: AgeDecryptor(with: [identity])) == Opened(plaintext: plaintext)
        #expect(isSameHere)
        #expect(try outlined(file).plaintextSize == UInt64(size))
    }

    @Test func keysAreTheSameInBoth() throws {
        #expect(try run(["age-keygen"], into: "theirs") == 0)
        let theirs = String(decoding: try read("theirs"), as: UTF8.self)
        let identity = try #require(try AgeIdentity.list(theirs).first)
        #expect(theirs.contains("# public key: \(identity.recipient)\n"))
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    private func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: path(name)))
    }

    private func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path(name)))) }

    private func run(_ arguments: [String], into name: String) throws -> Int32 {
        try write([], to: name)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/\(arguments[0])")
        process.arguments = Array(arguments.dropFirst())
        process.standardInput = FileHandle.nullDevice
        // With -o age makes no file at all for an empty plaintext.
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: path(name)))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
