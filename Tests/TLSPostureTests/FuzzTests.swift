import Foundation
import Kernel
import TestSupport
import Testing

@testable import TLSPosture

/// Whatever a server sends, readers end, and say something. `scripts/fuzz-readers` runs many more than the few thousand here.
@Suite("Bytes that nobody meant")
struct FuzzTests {
    private static let rounds = ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 20_000
    private static let seed = ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_SEED"].flatMap(UInt64.init) ?? 1

    /// Whether somebody waits for it, and wants to know how long it took.
    private static let isCampaign = rounds > 20_000

    /// Questions of a whole scan, with what a server answers to each.
    private static let seeds: [(question: Question, bytes: [UInt8])] = {
        var server = PretendServer(
            suites: [.tls13: [0x1301, 0x1302], .tls12: [0xC02B, 0x009E, 0x002F, 0x0090], .ssl3: [0x000A]],
            compresses: true)
        server.ssl2 = [[1, 0, 0x80]]
        server.certificate = TestCertificates.leaf
        server.prime = [UInt8](repeating: 0xFF, count: 32)
        var plan = ScanPlan(serverName: "site.example", randomness: seededRandomness(1))
        var seeds: [(Question, [UInt8])] = []
        while let question = plan.next() {
            let bytes = server.bytes(to: question)
            seeds.append((question, bytes))
            plan.take(server.answer(to: question), to: question)
        }
        return seeds
    }()

    @Test("no bytes stop a reader of answers")
    func answers() throws {
        var generator = SeededGenerator(Self.seed)
        var slowest: (time: Duration, bytes: Int) = (.zero, 0)
        for _ in 0..<Self.rounds {
            let (question, bytes) = try #require(Self.seeds.randomElement(using: &generator))
            var reader = FlightReader(for: question)
            let mutated = Self.mutated(bytes, &generator)
            let piece = Int.random(in: 1...max(1, mutated.count), using: &generator)
            let begun = ContinuousClock.now
            for start in stride(from: 0, to: mutated.count, by: piece) {
                reader.take(Array(mutated[start..<min(start + piece, mutated.count)]))
            }
            let answer = reader.end(timedOut: false)
            slowest = Self.slower(slowest, (ContinuousClock.now - begun, mutated.count))
            if reader.answer != answer { Issue.record("The reader changed its mind about \(mutated.hex).") }
        }
        if Self.isCampaign { print("slowest answer: \(slowest.time) for \(slowest.bytes) bytes") }
    }

    @Test("a long answer in small pieces is read in time that grows with it")
    func longAnswers() throws {
        let question = Question(id: 1, bytes: [], version: .tls12, message: [], keys: nil, offersProtocols: false)
        let hello = Self.seeds.lazy.compactMap { seed -> [UInt8]? in
            seed.question.version == .tls12 ? seed.bytes : nil
        }
        let start = Array(try #require(hello.first).dropLast(4))
        for size in [1 << 14, 1 << 16, 1 << 17] {
            // A certificate message that says it is long, in records of a few bytes each.
            var reader = FlightReader(for: question)
            reader.take(start)
            let begun = ContinuousClock.now
            reader.take([22, 3, 3, 0, 4, 11, UInt8(size >> 16), UInt8(size >> 8 & 0xFF), UInt8(size & 0xFF)])
            for _ in stride(from: 0, to: size - 10, by: 10) {
                for byte in [22, 3, 3, 0, 10] + [UInt8](repeating: 1, count: 10) { reader.take([byte]) }
            }
            if Self.isCampaign { print("\(size) bytes, one at a time: \(ContinuousClock.now - begun)") }
        }
    }

    @Test("no bytes stop a reader of certificates")
    func certificates() throws {
        var generator = SeededGenerator(Self.seed &+ 1)
        let seeds = [TestCertificates.leaf, TestCertificates.small, TestCertificates.ed, TestCertificates.root]
        for _ in 0..<(Self.rounds / 10) {
            let seed = try #require(seeds.randomElement(using: &generator))
            let mutated = Self.mutated(seed, &generator)
            if let facts = CertificateFacts(mutated) { #expect(facts.der == mutated) }
        }
    }

    @Test("no answers stop a plan, and it opens no more connections than it may")
    func plans() throws {
        var generator = SeededGenerator(Self.seed &+ 2)
        var answers: [ServerAnswer] = [
            .closed, .silence, .nonsense, .alert(Alert(level: 2, code: 40)), .alert(Alert(level: 2, code: 50)),
        ]
        answers += Self.seeds.map { seed in
            var reader = FlightReader(for: seed.question)
            reader.take(seed.bytes)
            return reader.end(timedOut: false)
        }
        for _ in 0..<max(20, Self.rounds / 1000) {
            var plan = ScanPlan(serverName: nil, randomness: seededRandomness(1))
            while let question = plan.next() {
                plan.take(try #require(answers.randomElement(using: &generator)), to: question)
            }
            #expect(plan.isDone)
            #expect(
                plan.observed.connections - plan.observed.agreements.count
                    <= ScanPlan.mostConnectionsWithoutAgreement + 10)
        }
    }

    private static func slower(
        _ left: (time: Duration, bytes: Int), _ right: (time: Duration, bytes: Int)
    ) -> (time: Duration, bytes: Int) { left.time < right.time ? right : left }

    /// A few changes of the kinds that break readers: other bytes, lengths, cuts, repetitions, nothing of it at all.
    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            case 2: bytes[place] = 0xFF
            case 3: bytes[place] = 0
            case 4: bytes.removeSubrange(place...)
            case 5: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
            case 6: bytes.removeSubrange(place..<min(place + 3, bytes.count))
            default:
                bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
            }
        }
        return bytes
    }
}
