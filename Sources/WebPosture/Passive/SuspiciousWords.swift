/// Words in comments that make somebody read on.
enum SuspiciousWords {
    private static let telling: Set = [
        "todo", "fixme", "bug", "bugs", "xxx", "hack", "password", "passwd", "pwd", "admin", "administrator",
        "username",
        "secret", "credential", "credentials", "backdoor", "apikey", "debug",
    ]
    private static let often: Set = ["query", "db", "user", "select", "where", "from", "later"]

    /// The first such word that stands by itself.
    static func first(in text: String, isNoisy: Bool) -> String? {
        var word: [UInt8] = []
        for byte in text.utf8.prefix(1 << 20) {
            if byte.isLetter {
                if word.count < 20 { word.append(byte.lowercasedASCII) }
            } else {
                if let found = known(word, isNoisy) { return found }
                word.removeAll(keepingCapacity: true)
            }
        }
        return known(word, isNoisy)
    }

    private static func known(_ word: [UInt8], _ isNoisy: Bool) -> String? {
        guard (2...13).contains(word.count) else { return nil }
        let text = String(decoding: word, as: UTF8.self)
        return telling.contains(text) || (isNoisy && often.contains(text)) ? text : nil
    }
}
