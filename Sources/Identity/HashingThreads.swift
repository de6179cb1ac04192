import Foundation
import Kernel
import Synchronization

/// The threads on which passwords are hashed: few, and behind all others in line for the processor, so that a flood of
/// attempts costs the people who are at work nothing.
///
/// Whoever wants a hash takes a place first. There are only as many as are done within a second or two, and one network
/// gets no more than half of them; everyone else is told at once to come again, before anything was read or written for
/// them. Some places are kept for those who are known to be no guessers.
final class HashingThreads: Sendable {
    /// Who is asking.
    struct Applicant: Sendable {
        /// Where the attempt comes from.
        let network: String
        /// Whether the device has been seen with this account before.
        var isKnown = false
    }

    /// The right to have hashes made, until it is given back.
    struct Place: Sendable { fileprivate let applicant: Applicant }

    static let places = 16
    static let placesKept = 8
    static let placesOfOneNetwork = 8

    private struct Waiting {
        var known: [@Sendable () -> Void] = []
        var others: [@Sendable () -> Void] = []
        var taken = 0
        var takenByKnown = 0
        var takenByNetwork: [String: Int] = [:]
    }

    private let waiting = Mutex(Waiting())
    private let work = DispatchSemaphore(value: 0)
    private let threads: Int

    init(threads: Int) {
        self.threads = max(1, threads)
        for _ in 0..<self.threads {
            let thread = Thread { [weak self, work] in
                Self.stepBack()
                while true {
                    work.wait()
                    guard let self, let next = self.next() else { return }
                    next()
                }
            }
            thread.name = "vouchsafe.hashing"
            thread.start()
        }
    }

    deinit {
        for _ in 0..<threads { work.signal() }
    }

    /// Takes a place.
    ///
    /// - Throws: `Problem` `identity.busy` if there is none.
    func enter(_ applicant: Applicant) throws -> Place {
        let isAdmitted = waiting.withLock { waiting in
            let ofNetwork = waiting.takenByNetwork[applicant.network, default: 0]
            if applicant.isKnown {
                guard waiting.takenByKnown < Self.placesKept else { return false }
                waiting.takenByKnown += 1
            } else {
                guard waiting.taken < Self.places, ofNetwork < Self.placesOfOneNetwork else { return false }
                waiting.taken += 1
                waiting.takenByNetwork[applicant.network] = ofNetwork + 1
            }
            return true
        }
        guard isAdmitted else {
            throw Problem(
                .tooMuch, code: "identity.busy", "Too many people are signing in at this moment.",
                hint: "Try again in a few seconds.", retryAfter: .seconds(2))
        }
        return Place(applicant: applicant)
    }

    /// Gives a place back.
    func leave(_ place: Place) {
        let applicant = place.applicant
        waiting.withLock { waiting in
            if applicant.isKnown {
                waiting.takenByKnown -= 1
            } else {
                waiting.taken -= 1
                let left = waiting.takenByNetwork[applicant.network, default: 1] - 1
                waiting.takenByNetwork[applicant.network] = left > 0 ? left : nil
            }
        }
    }

    /// Runs `job` when its turn comes; those whose device is known come first.
    func run<T: Sendable>(_ job: @escaping @Sendable () throws -> T, isKnown: Bool) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            waiting.withLock { waiting in
                let entry: @Sendable () -> Void = { continuation.resume(with: Result { try job() }) }
                if isKnown { waiting.known.append(entry) } else { waiting.others.append(entry) }
            }
            work.signal()
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        waiting.withLock { waiting in
            if !waiting.known.isEmpty { return waiting.known.removeFirst() }
            return waiting.others.isEmpty ? nil : waiting.others.removeFirst()
        }
    }

    /// On Linux each thread has a priority of its own; elsewhere this concerns the whole process and is left alone.
    private static func stepBack() {
        #if os(Linux)
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        #endif
    }
}
