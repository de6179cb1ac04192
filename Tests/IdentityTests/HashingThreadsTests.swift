import Kernel
import Testing

@testable import Identity

@Suite struct HashingThreadsTests {
    private typealias Applicant = HashingThreads.Applicant

    private func enter(_ threads: HashingThreads, _ applicant: Applicant, times: Int) throws -> [HashingThreads.Place] {
        try (0..<times).map { _ in try threads.enter(applicant) }
    }

    @Test func oneNetworkGetsHalfOfThePlacesAndAllTogetherNoMoreThanThereAre() throws {
        let threads = HashingThreads(threads: 1)
        let first = try enter(threads, Applicant(network: "192.0.2.1"), times: HashingThreads.placesOfOneNetwork)
        #expect(throws: Problem.self) { try threads.enter(Applicant(network: "192.0.2.1")) }
        _ = try enter(
            threads, Applicant(network: "192.0.2.2"), times: HashingThreads.places - HashingThreads.placesOfOneNetwork)
        let refusal = #expect(throws: Problem.self) { try threads.enter(Applicant(network: "192.0.2.3")) }
        #expect(refusal?.kind == .tooMuch && refusal?.retryAfter == .seconds(2))
        for place in first { threads.leave(place) }
        _ = try enter(threads, Applicant(network: "192.0.2.3"), times: HashingThreads.placesOfOneNetwork)
    }

    @Test func aKnownDeviceHasPlacesOfItsKindWhateverTheOthersTook() throws {
        let threads = HashingThreads(threads: 1)
        for network in ["a", "b"] {
            _ = try enter(threads, Applicant(network: network), times: HashingThreads.places / 2)
        }
        _ = try enter(threads, Applicant(network: "a", isKnown: true), times: HashingThreads.placesKept)
        #expect(throws: Problem.self) { try threads.enter(Applicant(network: "a", isKnown: true)) }
    }

    @Test func anAttemptThatWasTurnedAwayIsNoFailure() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        let threads = installation.desk.hasher.threads
        let network = "192.0.2.0/24"
        let places = try enter(threads, Applicant(network: network), times: HashingThreads.placesOfOneNetwork)
        for _ in 0..<10 {
            #expect(
                await problem { _ = try await installation.signIn("ada.lovelace@example.org", "wrong", from: network) }?
                    .code
                    == "identity.busy")
        }
        for place in places { threads.leave(place) }
        for _ in 0..<4 {
            #expect(
                await problem { _ = try await installation.signIn("ada.lovelace@example.org", "wrong", from: network) }?
                    .code
                    == "identity.sign-in")
        }
        try await installation.signIn(from: network)
    }

    private func problem(_ work: () async throws -> Void) async -> Problem? {
        do {
            try await work()
            return nil
        } catch { return error as? Problem }
    }
}
