import Kernel
import ScanResults

extension PassiveCheck {
    /// What is often there and seldom matters: found where it is asked for.
    static let noisyChecks = [commentInScript, timestamp, encoded, application]

    private static let commentInScript = PassiveCheck(
        10027, "Script or comment with a word that may tell too much", weakness: 615, .informational,
        fix: Fix("Leave comments for developers out of what visitors get."), isNoisy: true
    ) { page in
        let scripts =
            page.isScript ? [String(decoding: page.response.body, as: UTF8.self)] : page.document?.scripts ?? []
        return (scripts + (page.document?.comments ?? [])).compactMap { text in
            SuspiciousWords.first(in: text, isNoisy: true).map { word in
                Hit("A script or comment holds the word \(word).", part: word)
            }
        }
    }

    private static let timestamp = PassiveCheck(
        10096, "Point in time as a number", weakness: 200, .informational,
        fix: Fix("Check that the number tells nothing that should not be known."), isNoisy: true
    ) { page in
        guard page.isText else { return [] }
        let now = page.seenAt.milliseconds / 1000
        let decade: Int64 = 10 * 366 * 86_400
        let ignored: Set = ["keep-alive", "cache-control", "etag", "age", "strict-transport-security", "expires"]
        let fields = page.response.headers.fields.filter { !ignored.contains($0.name.lowercased()) }.map {
            Array($0.value.utf8)
        }
        return (fields + [page.response.body]).flatMap { text in
            runs(in: text, ofAtLeast: 10, isLetter: \.isWordByte).filter { $0.count == 10 }.compactMap { run -> Hit? in
                let digits = String(decoding: text[run], as: UTF8.self)
                guard let seconds = Int64(digits), abs(seconds - now) < decade else { return nil }
                return Hit("A number is a point in time: \(digits).", part: digits)
            }
        }
    }

    private static let encoded = PassiveCheck(
        10094, "Encoded data", weakness: 200, .informational,
        fix: Fix("Check that what is encoded tells nothing that should not be known."), isNoisy: true
    ) { page in
        guard page.isText else { return [] }
        return runs(in: page.response.body, ofAtLeast: 30, isLetter: \.isBase64Byte).prefix(limit).compactMap {
            run -> Hit? in
            let text = page.response.body[run]
            // Long names are written in one case, or without digits.
            guard text.count.isMultiple(of: 4), text.contains(where: \.isDigit),
                text.contains(where: { $0 >= 0x61 && $0 <= 0x7A }),
                text.contains(where: { $0 >= 0x41 && $0 <= 0x5A })
            else { return nil }
            return Hit(
                "The page holds \(text.count) letters of base64.", part: page.response.body.excerpt(run.prefix(16)))
        }
    }

    private static let application = PassiveCheck(
        10109, "Page that lives by its scripts", weakness: 1059, .informational,
        fix: Fix("Nothing needs to change; a crawler that runs no scripts may not have seen all of the site."),
        isNoisy: true
    ) { page in
        guard page.isPage, let document = page.document else { return [] }
        let links = document.tags.filter { $0.name == "a" }
        let hasScripts = document.tags.contains { $0.name == "script" }
        if links.isEmpty, hasScripts { return [Hit("The page has scripts and no links.")] }
        if links.contains(where: { ["", "#"].contains($0["href"] ?? "") || $0["target"] == "_self" }) {
            return [Hit("The page has links that only a script makes work.")]
        }
        return document.tags.contains { $0.name == "noscript" }
            ? [Hit("The page says something to visitors without scripts.")] : []
    }

    /// The stretches of such bytes, each as long as it goes.
    private static func runs(in text: [UInt8], ofAtLeast length: Int, isLetter: (UInt8) -> Bool) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        for at in 0...text.count where at == text.count || !isLetter(text[at]) {
            if at - start >= length, runs.count < 1000 { runs.append(start..<at) }
            start = at + 1
        }
        return runs
    }
}

extension UInt8 {
    /// Letters, digits and the underscore.
    fileprivate var isWordByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
    /// Both alphabets of RFC 4648, and what fills the end.
    fileprivate var isBase64Byte: Bool { isLetter || isDigit || "+/-_=".utf8.contains(self) }
}
