import Crypto
import Foundation
import Kernel
import Testing

@testable import Age

/// The vectors of C2SP/CCTV for age, read where they lie.
@Suite(.enabled(if: Vector.folder != nil, "the folder of shared vectors is not beside this checkout"))
struct VectorTests {
    @Test func everyVectorIsThere() { #expect(Vector.names.count == 143) }

    @Test(arguments: Vector.names)
    func everyVectorEndsAsItsMakersSay(name: String) throws {
        let vector = try Vector(name)
        for decryptor in try vector.decryptors() {
            let opened = open(vector.file, with: decryptor)
            if vector.expect == "success" {
                #expect(opened.problem == nil)
            } else {
                let codes = vector.codes
                #expect(opened.problem.map { codes.contains($0.code) } == true, "\(String(describing: opened.problem))")
            }
            if let payload = vector.payload {
                #expect(Array(SHA256.hash(data: opened.plaintext)).hex == payload)
            } else {
                #expect(opened.plaintext.isEmpty)
            }
            for cut in vector.cuts {
                let again = open(vector.file, with: decryptor, cut: cut)
                #expect(again.problem?.code == opened.problem?.code, "\(cut)")
                let isSame = again.plaintext == opened.plaintext
                #expect(isSame, "\(cut)")
            }
        }
    }

    @Test(arguments: Vector.names)
    func theFramingOfEveryFileThatOpensIsSound(name: String) throws {
        let vector = try Vector(name)
        let outline = Result { try outlined(vector.file) }
        switch vector.expect {
        case "success":
            let opened = open(vector.file, with: try #require(try vector.decryptors().first))
            #expect(try outline.get().plaintextSize == UInt64(opened.plaintext.count))
            #expect(try outline.get().isArmoured == vector.isArmoured)
        case "armor failure": #expect(throws: Problem.self) { try outline.get() }
        default: break
        }
    }
}

/// One file of the vectors: lines of `key: value`, an empty line, an age file.
struct Vector {
    let expect: String
    let file: [UInt8]
    let payload: String?
    let isArmoured: Bool
    private let identities: [String]
    private let passphrases: [String]

    static let folder: URL? = {
        var directory = URL(filePath: #filePath).resolvingSymlinksInPath()
        while directory.path != "/" {
            directory.deleteLastPathComponent()
            let shared = directory.appending(path: "shared/conformance/age/testdata")
            if FileManager.default.fileExists(atPath: shared.path) { return shared }
        }
        return nil
    }()

    static let names: [String] =
        folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path).sorted() } ?? []

    private struct Malformed: Error {}

    init(_ name: String) throws {
        guard let folder = Self.folder else { throw Malformed() }
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [10, 10]) }) else { throw Malformed() }
        var fields: [String: [String]] = [:]
        for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { throw Malformed() }
            fields[String(line[..<colon.lowerBound]), default: []].append(String(line[colon.upperBound...]))
        }
        let known: Set = [
            "expect", "payload", "identity", "passphrase", "armored", "compressed", "file key", "comment",
        ]
        guard Set(fields.keys).isSubset(of: known), let expect = fields["expect"]?.first else { throw Malformed() }
        let rest = Array(bytes[(end + 2)...])
        self.expect = expect
        file = fields["compressed"] == nil ? rest : try Inflate.bytes(rest)
        payload = fields["payload"]?.first
        isArmoured = fields["armored"] != nil
        identities = fields["identity"] ?? []
        passphrases = fields["passphrase"] ?? []
    }

    /// What the file is to be opened with, one after the other; without any key, a list of no identities.
    func decryptors() throws -> [AgeDecryptor] {
        var decryptors = try passphrases.map { try AgeDecryptor(with: AgePassphrase(Array($0.utf8))) }
        if !identities.isEmpty || decryptors.isEmpty {
            decryptors.append(try AgeDecryptor(with: identities.map { try AgeIdentity(parsing: $0) }))
        }
        return decryptors
    }

    /// The codes of ours that mean what the makers expect.
    var codes: Set<String> {
        switch expect {
        case "no match": ["age.no-match"]
        case "HMAC failure": ["age.mac"]
        case "header failure": ["age.header", "age.version", "age.work-factor"]
        // Their reader is told that there is armour, ours finds out.
        case "armor failure": ["age.armour", "age.format"]
        case "payload failure": ["age.payload", "age.truncated", "age.trailing"]
        default: []
        }
    }

    /// Other ways to feed the file, none of which may change the outcome; the large and the slow ones fewer times.
    var cuts: [Cut] {
        if !passphrases.isEmpty { return [.pieces(of: 33)] }
        if file.count > 1_000_000 { return [.pieces(of: 65_536)] }
        return file.count > 10_000 ? [.pieces(of: 65_552), .seeded(3)] : [.pieces(of: 1), .pieces(of: 7)]
    }
}
