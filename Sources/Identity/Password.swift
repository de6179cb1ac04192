import CArgon2
import Foundation
import Kernel

/// Rules for passwords: length and nothing else of composition (NIST SP 800-63B-4 §3.1.1.2).
public enum PasswordRule {
    /// The fewest characters of a password that is the only factor.
    public static let shortest = 15
    /// The most bytes that are taken; more would only be a way to keep the server busy.
    public static let longest = 1024

    /// The password in the one form that is hashed (Unicode NFC).
    ///
    /// - Parameters:
    ///   - context: Words that an attacker would try first: the person's name and address, the organisation's name.
    ///   - common: The passwords that are tried first, whoever it is.
    /// - Throws: `Problem` `identity.password` that says why it will not do.
    static func normalised(
        _ password: String, context: [String], besides common: CommonPasswords
    ) throws -> [UInt8] {
        // Measured before it is cut, so that nobody's password is shortened without their knowing.
        let composed = password.precomposedStringWithCanonicalMapping
        guard composed.unicodeScalars.count >= shortest else {
            throw refusal(
                "The password has fewer than \(shortest) characters.", "A few unrelated words are easy to remember.")
        }
        guard composed.utf8.count <= longest else {
            throw refusal("The password has more than \(longest) bytes.", "Choose a shorter one.")
        }
        if let reason = common.reason(against: composed, context: context) {
            throw CommonPasswords.problem(reason)
        }
        return Array(composed.utf8)
    }

    /// A password as someone presents it, in the form that is hashed; what is too long can match nothing.
    static func composed(_ password: String) -> [UInt8] {
        Array(password.precomposedStringWithCanonicalMapping.utf8.prefix(longest + 1))
    }

    private static func refusal(_ message: String, _ hint: String) -> Problem {
        Problem(.invalid, code: "identity.password", message, hint: hint, place: Problem.Place(field: "password"))
    }
}

/// Argon2id through the reference library, with OWASP's parameters, on threads of its own and a few at a time.
public struct PasswordHasher: Sendable {
    /// Memory in KiB, passes and lanes (OWASP Password Storage Cheat Sheet, Argon2id).
    private static let memory: UInt32 = 19_456
    private static let passes: UInt32 = 2
    private static let lanes: UInt32 = 1

    /// Whether `encoded` was made with today's parameters.
    static func isCurrent(_ encoded: String) -> Bool {
        encoded.hasPrefix("$argon2id$v=19$m=\(memory),t=\(passes),p=\(lanes)$")
    }

    let threads: HashingThreads

    /// - Parameter concurrency: How many hashes may run at once; the rest wait their turn. Half of the processors by default.
    public init(concurrency: Int? = nil) {
        threads = HashingThreads(threads: concurrency ?? ProcessInfo.processInfo.activeProcessorCount / 2)
    }

    /// Does `work` while `applicant` has a place in the queue for hashes. Taken before anything is read or counted for an
    /// attempt: who is turned away has cost nothing, and has not failed.
    ///
    /// - Throws: `Problem` `identity.busy` if every place is taken.
    func admitting<T>(_ applicant: HashingThreads.Applicant, _ work: () async throws -> T) async throws -> T {
        let place = try threads.enter(applicant)
        defer { threads.leave(place) }
        return try await work()
    }

    /// The PHC string of `password` under a fresh salt.
    func hash(_ password: [UInt8], isKnown: Bool = false, randomness: Randomness) async throws -> String {
        let salt = randomness.bytes(16)
        return try await threads.run(
            {
                var encoded = [CChar](repeating: 0, count: 128)
                let code = argon2id_hash_encoded(
                    Self.passes, Self.memory, Self.lanes, password, password.count, salt, salt.count, 32, &encoded,
                    encoded.count)
                guard code == 0 else { throw Self.failure(code) }
                return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }, isKnown: isKnown)
    }

    /// Whether `password` is the one behind `encoded`. Takes the same time for every wrong one.
    func matches(_ password: [UInt8], _ encoded: String, isKnown: Bool = false) async throws -> Bool {
        try await threads.run(
            {
                let code = argon2id_verify(encoded, password, password.count)
                if code == 0 { return true }
                guard code == ARGON2_VERIFY_MISMATCH.rawValue else { throw Self.failure(code) }
                return false
            }, isKnown: isKnown)
    }

    private static func failure(_ code: Int32) -> Problem {
        Problem(
            .unavailable, code: "identity.argon2", "The password could not be checked.",
            hint: "The server may be short of memory.", cause: "argon2 \(code)")
    }
}
