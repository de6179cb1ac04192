import Kernel

/// The first 512 bytes of a ClamAV database: `ClamAV-VDB:20 Nov 2026 04-31 -0500:27500:…`.
struct SignatureHeader {
    let builtAt: Instant

    init?(_ bytes: [UInt8]) {
        let fields = bytes.prefix(512).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard fields.count >= 3, Array(fields[0]).text == "ClamAV-VDB", let time = writtenTime(Array(fields[1]).text)
        else { return nil }
        builtAt = time
    }
}

/// What `clamdscan --version` says: `ClamAV 1.0.7/27500/Fri Nov 20 09:31:00 2026`; only the first part if no daemon answered.
struct ClamVersion {
    let text: String
    let signaturesAt: Instant?

    init?(_ line: String) {
        guard line.hasPrefix("ClamAV ") else { return nil }
        text = line.shortened(to: 80)
        let parts = line.split(separator: "/")
        signaturesAt = parts.count >= 3 ? writtenTime(String(parts[2])) : nil
    }
}

/// Reads the times that programs write in words: `20 Nov 2026 04-31 -0500`, `Fri Nov 20 09:31:00 2026`, `Fri, 20 Nov 2026 00:12:41 UTC`.
///
/// A time without a zone is taken as UTC.
func writtenTime(_ text: String) -> Instant? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var day: Int?
    var month: Int?
    var year: Int?
    var clock = "00:00:00"
    var zone = "Z"
    for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
        if let index = months.firstIndex(of: String(word)) {
            month = index + 1
        } else if word.hasPrefix("+") || word.hasPrefix("-"), word.count == 5, Int(word.dropFirst()) != nil {
            zone = "\(word.prefix(3)):\(word.suffix(2))"
        } else if let number = Int(word), number >= 0 {
            if number > 31 { year = number } else { day = number }
        } else if word.contains(":") || (word.contains("-") && word.count == 5) {
            clock = word.split(separator: "-").joined(separator: ":")
        }
    }
    guard let day, let month, let year, year < 10_000 else { return nil }
    func padded(_ number: Int, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
    }
    return Instant("\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(clock)\(zone)")
}
