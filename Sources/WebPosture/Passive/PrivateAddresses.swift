/// Addresses of internal networks in a text: 10/8, 172.16/12 and 192.168/16 (RFC 1918), and the names that Amazon makes of them.
enum PrivateAddresses {
    /// Where the first of them lies.
    ///
    /// - Parameter host: The host that was asked, which is no news.
    static func first(in text: [UInt8], except host: String) -> Range<Int>? {
        var at = 0
        while at < text.count {
            guard text[at].isDigit else {
                at += 1
                continue
            }
            var end = at
            while end < text.count, text[end].isDigit { end += 1 }
            if let range = address(in: text, from: at), !text[range].elementsEqual(host.utf8) { return range }
            at = end
        }
        return nil
    }

    /// The address that begins there, with its port if it has one.
    private static func address(in text: [UInt8], from start: Int) -> Range<Int>? {
        guard start + 6 < text.count else { return nil }
        let isAmazon = start >= 3 && text[(start - 3)..<start].elementsEqual("ip-".utf8)
        if start > 0, !isAmazon {
            let before = text[start - 1]
            // Part of a longer name or number, or of a version.
            if before.isLetter || before == UInt8(ascii: "_") || before == UInt8(ascii: "-") { return nil }
            if before == UInt8(ascii: "."), start > 1, text[start - 2].isDigit || text[start - 2].isLetter {
                return nil
            }
        }
        let separator = isAmazon ? UInt8(ascii: "-") : UInt8(ascii: ".")
        var octets: [Int] = []
        var at = start
        while octets.count < 4 {
            let digits = text[at...].prefix(while: \.isDigit)
            guard (1...3).contains(digits.count), let octet = Int(String(decoding: digits, as: UTF8.self)), octet < 256,
                digits.count == 1 || digits.first != UInt8(ascii: "0")
            else { return nil }
            octets.append(octet)
            at = digits.endIndex
            guard octets.count < 4 else { break }
            guard at < text.count, text[at] == separator else { return nil }
            at += 1
        }
        guard
            octets[0] == 10 || (octets[0] == 172 && (16...31).contains(octets[1]))
                || (octets[0] == 192 && octets[1] == 168)
        else { return nil }
        if at < text.count {
            if text[at].isLetter || text[at] == UInt8(ascii: "_") { return nil }
            // Five numbers in a row are no address.
            if text[at] == separator, at + 1 < text.count, text[at + 1].isDigit { return nil }
        }
        return (isAmazon ? start - 3 : start)..<at
    }
}
