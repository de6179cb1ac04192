import Foundation
import Kernel
import TestSupport

@testable import Age

/// Keys and files that the tests share; the keys are from c2sp.org/age and the vectors of C2SP/CCTV.
enum Samples {
    static let identityText = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    static let recipientText = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    static let hybridText = "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"

    static func identity(_ kind: AgeKeyKind) throws -> AgeIdentity {
        try AgeIdentity(parsing: kind == .x25519 ? identityText : hybridText)
    }

    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }
}

/// How a file or its plaintext is cut before it is fed: whole, byte by byte, or as a seed decides.
enum Cut: Hashable, Sendable {
    case whole
    case pieces(of: Int)
    case seeded(UInt64)

    func pieces(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        let seed: UInt64 = if case .seeded(let seed) = self { seed } else { 0 }
        var generator = SeededGenerator(seed)
        var start = 0
        while start < bytes.count {
            let length =
                switch self {
                case .whole: bytes.count
                case .pieces(let length): length
                // Now and then nothing at all.
                case .seeded: Int(generator.next() % 100_000) * Int(generator.next() % 4)
                }
            let end = min(start + length, bytes.count)
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }
}

func seal(
    _ plaintext: [UInt8], to recipients: [AgeRecipient], isArmoured: Bool = false, cut: Cut = .whole, seed: UInt64 = 7
) throws -> [UInt8] {
    var encryptor = try AgeEncryptor(to: recipients, isArmoured: isArmoured, randomness: seededRandomness(seed))
    var sealed: [UInt8] = []
    for piece in cut.pieces(plaintext) { try encryptor.seal(piece.span, into: &sealed) }
    try encryptor.finish(into: &sealed)
    return sealed
}

/// What a decryptor gave, and why it stopped if it did. Long ones are compared outside of expectations, which would print them.
struct Opened: Equatable {
    var plaintext: [UInt8] = []
    var problem: Problem?
}

func open(_ file: [UInt8], with decryptor: AgeDecryptor, cut: Cut = .whole) -> Opened {
    var decryptor = decryptor
    var opened = Opened()
    do throws(Problem) {
        for piece in cut.pieces(file) { try decryptor.open(piece.span, into: &opened.plaintext) }
        try decryptor.finish(into: &opened.plaintext)
    } catch { opened.problem = error }
    return opened
}

func outlined(_ file: [UInt8], cut: Cut = .whole) throws(Problem) -> AgeFraming.Outline {
    var framing = AgeFraming()
    for piece in cut.pieces(file) { try framing.read(piece.span) }
    return try framing.finish()
}

/// The code of the problem that `work` ends with.
func code(_ work: () throws -> Void) -> String? {
    do {
        try work()
        return nil
    } catch { return (error as? Problem)?.code }
}
