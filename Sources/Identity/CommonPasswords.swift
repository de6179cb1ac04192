import Crypto
import Foundation
import Kernel

/// The blocklist for new passwords (NIST SP 800-63B-4 §3.1.1.2): the whole password is compared with what is known to be tried
/// first, with a list that the operator gives, and with the patterns that people fall into; whoever is refused is told why.
///
/// Neither capitals nor what stands between the words makes a password of a list another one, nor do digits behind it. What is
/// shipped is short: lists of common passwords hardly reach fifteen characters, the least that one alone must have (Debian's
/// `john-data` has 3,546 entries, none so long). Where passwords of breaches are at hand, the operator gives them.
public struct CommonPasswords: Sendable {
    /// Why a password is guessed early.
    public enum Reason: Hashable, Sendable {
        /// It stands in a list.
        case listed
        /// It says one short thing several times.
        case repeated
        /// It consists of little but neighbouring keys or digits and letters in their order.
        case walk
        /// It consists of little but years.
        case year
        /// It consists of little but this word, which everybody tries, or which belongs to the person or the organisation.
        case word(String)
    }

    /// The first eight bytes of each entry's hash: a million entries need 8 MB, and no secret of anybody is kept readable.
    private let listed: Set<UInt64>

    private static let shipped = Set(CommonPhrases.all.map(mark))

    /// The most bytes of a list.
    public static let longestList = 64 << 20
    /// How many guesses' worth (`PasswordPieces`) a password must be made of at least.
    static let fewestPieces = 5
    /// Of longer ones only the beginning is taken apart, so that nobody keeps the server busy with them.
    private static let longestJudged = 128
    /// What is repeated must have this many characters at least.
    private static let shortestBlock = 8

    /// What is shipped, and patterns.
    public init() { listed = [] }

    /// What is shipped, patterns, and a list besides.
    ///
    /// - Parameter list: One password a line, in UTF-8; lines that begin with `#!comment:` are passed over.
    /// - Throws: `Problem` `identity.password-list`.
    public init(list: [UInt8]) throws {
        guard list.count <= Self.longestList else {
            throw Problem(
                .tooMuch, code: "identity.password-list", "The list of common passwords is too long.",
                hint: "Use the most common ones only: at most \(Self.longestList >> 20) MiB.")
        }
        guard let text = String(validating: list, as: UTF8.self) else {
            throw Problem(
                .invalid, code: "identity.password-list", "The list of common passwords is no UTF-8.",
                hint: "Convert it, for example with iconv.")
        }
        var listed: Set<UInt64> = []
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#!comment:") {
            listed.insert(Self.mark(Self.essence(Self.folded(String(line)))))
        }
        self.listed = listed
    }

    /// How many different passwords the operator's list has.
    public var count: Int { listed.count }

    /// Why `password` is guessed early; `nil` if nothing speaks against it.
    ///
    /// - Parameter context: Names of the person, of the organisation and of the service, and their addresses.
    public func reason(against password: String, context: [String]) -> Reason? {
        let folded = Self.folded(password)
        let essence = Self.essence(folded)
        if [essence, Self.withoutDigitsBehind(essence)].map(Self.mark).contains(where: isListed) { return .listed }
        if Self.repeatsItself(folded) { return .repeated }
        let words = PasswordPieces.words(context.map(Self.folded))
        // P@ssw0rd is what everybody tries after password.
        return [folded, Self.plain(folded)].lazy
            .map { PasswordPieces.cheapest(of: Array($0.prefix(Self.longestJudged)), words: words) }
            .first { $0.count < Self.fewestPieces }?.reason
    }

    /// The problem that says so to the person.
    public static func problem(_ reason: Reason) -> Problem {
        let (message, hint) =
            switch reason {
            case .listed: ("The password is one of those that are tried first.", "Choose a few unrelated words.")
            case .repeated:
                ("The password says one short thing several times.", "Choose a few unrelated words instead.")
            case .walk:
                (
                    "The password consists mostly of neighbouring keys, or of letters or digits in their order.",
                    "Choose a few unrelated words instead."
                )
            case .year: ("The password consists mostly of years or dates.", "Choose a few unrelated words instead.")
            case .word(let word):
                ("The password consists mostly of “\(word)”, which is easily guessed.", "Choose other words.")
            }
        return Problem(
            .invalid, code: "identity.password", message, hint: hint, place: Problem.Place(field: "password"))
    }

    /// One form for what differs only in case or in how it is composed.
    private static func folded(_ text: String) -> String {
        text.lowercased().precomposedStringWithCanonicalMapping
    }

    private func isListed(_ mark: UInt64) -> Bool { listed.contains(mark) || Self.shipped.contains(mark) }

    /// What is left of a password without what stands between its words; all of it where hardly anything would be.
    private static func essence(_ folded: String) -> String {
        let essence = folded.filter { $0.isLetter || $0.isNumber }
        return essence.count >= shortestBlock ? essence : folded
    }

    private static func withoutDigitsBehind(_ essence: String) -> String {
        essence.lastIndex { !$0.isNumber }.map { String(essence[...$0]) } ?? ""
    }

    /// With letters for the signs that people put in their stead.
    private static func plain(_ text: String) -> String {
        let signs: [Character: Character] = [
            "@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t",
        ]
        return String(text.map { signs[$0] ?? $0 })
    }

    private static func repeatsItself(_ text: String) -> Bool {
        let characters = text.filter { $0.isLetter || $0.isNumber }.map { $0 }
        guard characters.count >= 2 else { return true }
        return (1..<shortestBlock).contains { length in
            characters.count >= 2 * length
                && (length..<characters.count).allSatisfy { characters[$0] == characters[$0 - length] }
        }
    }

    private static func mark(_ text: String) -> UInt64 {
        SHA256.hash(data: Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
