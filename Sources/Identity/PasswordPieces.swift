/// A password taken apart into as few guesses as possible: a word that everybody tries, a walk over the keyboard, a year, or
/// what stood before it once more is one guess whatever its length; every other letter or digit is one by itself.
struct PasswordPieces {
    /// How many guesses it is worth.
    let count: Int
    /// What most of it consists of.
    let reason: CommonPasswords.Reason?

    /// Words that everybody tries, in the languages of the service; each is one guess wherever it stands.
    private static let tried = [
        "password", "passwort", "kennwort", "passphrase", "secret", "geheim", "letmein", "welcome", "willkommen",
        "hello",
        "hallo", "admin", "administrator", "root", "login", "default", "changeme", "change", "master", "test", "guest",
        "user", "iloveyou", "trustno", "monkey", "dragon", "football", "baseball", "princess", "sunshine", "shadow",
        "company", "security", "server", "database", "backup", "network", "system", "computer", "internet", "vouchsafe",
        "spring", "summer", "autumn", "winter", "january", "february", "march", "april", "june", "july", "august",
        "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday",
        "saturday", "sunday", "frühling", "sommer", "herbst", "januar", "februar", "oktober", "dezember", "montag",
        "freitag",
    ]

    /// Rows of the keyboards that are common here, and what is learnt by heart.
    private static let rows = [
        "abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopü",
        "asdfghjklöä", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujmikolp",
    ].flatMap { [Array($0), $0.reversed()] }

    /// The words of `context` and those that everybody tries.
    static func words(_ context: [String]) -> [[Character]] {
        let parts = context.flatMap { text in
            text.split { !$0.isLetter && !$0.isNumber }.map(Array.init) + [
                text.filter { $0.isLetter || $0.isNumber }.map { $0 }
            ]
        }
        return (parts.filter { $0.count >= 3 } + tried.map(Array.init)).sorted { $0.count > $1.count }
    }

    private struct Step {
        var cost: Int
        var length: Int
        var reason: CommonPasswords.Reason?
    }

    /// The fewest guesses for `text`, which is folded already.
    static func cheapest(of text: [Character], words: [[Character]]) -> PasswordPieces {
        // best[i] is the last step of the cheapest way to the first i characters.
        var best = [Step](repeating: Step(cost: .max, length: 0, reason: nil), count: text.count + 1)
        best[0].cost = 0
        for at in text.indices {
            func offer(_ length: Int, _ cost: Int, _ reason: CommonPasswords.Reason?) {
                if best[at].cost + cost < best[at + length].cost {
                    best[at + length] = Step(cost: best[at].cost + cost, length: length, reason: reason)
                }
            }
            offer(1, text[at].isLetter || text[at].isNumber ? 1 : 0, nil)
            for word in words where text[at...].starts(with: word) { offer(word.count, 1, .word(String(word))) }
            for length in walks(text, from: at) { offer(length, 1, .walk) }
            if isYear(text[at...].prefix(4)) { offer(4, 1, .year) }
            for length in repeats(text, from: at) { offer(length, 1, .repeated) }
        }
        return PasswordPieces(count: best[text.count].cost, reason: mainReason(best))
    }

    private static func mainReason(_ best: [Step]) -> CommonPasswords.Reason? {
        var lengths: [CommonPasswords.Reason: Int] = [:]
        var at = best.count - 1
        while at > 0 {
            if let reason = best[at].reason { lengths[reason, default: 0] += best[at].length }
            at -= best[at].length
        }
        // What is said again is named by what is said.
        let said = lengths.filter { $0.key != .repeated }
        return said.max { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }?.key ?? .repeated
    }

    /// The lengths of walks along a row that begin at `start`; three is the least that counts for one.
    private static func walks(_ text: [Character], from start: Int) -> Range<Int> {
        var longest = 1
        for row in rows {
            guard let place = row.firstIndex(of: text[start]) else { continue }
            let length = zip(row[place...], text[start...]).prefix { $0 == $1 }.count
            longest = max(longest, length)
        }
        return 3..<max(3, longest + 1)
    }

    /// The lengths at which what begins at `start` says once more what stood right before it, or one character several times.
    private static func repeats(_ text: [Character], from start: Int) -> [Int] {
        let run = text[start...].prefix { $0 == text[start] }.count
        let blocks = (2...16).filter { length in
            start >= length && start + length <= text.count
                && text[start - length..<start] == text[start..<start + length]
        }
        return (run >= 3 ? [run] : []) + blocks
    }

    private static func isYear(_ digits: ArraySlice<Character>) -> Bool {
        guard let year = Int(String(digits)), digits.count == 4 else { return false }
        return (1900...2099).contains(year)
    }
}
