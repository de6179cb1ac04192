import Kernel

/// `1 host`, `2 hosts`, `1,204 entries`.
func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
}

/// Digits in groups of three: `12,480`.
func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "-" : ""
    for (position, digit) in digits.enumerated() {
        if position > 0, (digits.count - position).isMultiple(of: 3) { text += "," }
        text.append(digit)
    }
    return text
}

/// `97.3 %` of a share 0…1. Never rounded up to all or down to nothing: 0.9999 is `99.9 %`, 0.0001 is `under 0.1 %`.
func percentage(_ share: Double) -> String {
    guard share.isFinite, share > 0 else { return "0 %" }
    guard share < 1 else { return "100 %" }
    let tenths = Int((share * 1000 + 1e-9).rounded(.down))
    guard tenths > 0 else { return "under 0.1 %" }
    return "\(tenths / 10).\(tenths % 10) %"
}

/// `512 bytes`, `3.4 MB`: a size in units of a thousand.
func size(ofBytes bytes: Int) -> String {
    let units: [(Int, String)] = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")]
    for (length, unit) in units where bytes >= length {
        return "\(grouped(bytes / length)).\(bytes % length / (length / 10)) \(unit)"
    }
    return count(max(0, bytes), "byte")
}

/// `12.3 a second` of something that happens again and again.
func rate(perSecond rate: Double) -> String {
    guard rate.isFinite, rate > 0 else { return "none now" }
    guard rate >= 0.1 else { return "under 0.1 a second" }
    guard rate < 100 else { return "\(grouped(Int(min(rate, 1e15)))) a second" }
    let tenths = Int((rate * 10).rounded(.down))
    return "\(tenths / 10).\(tenths % 10) a second"
}

/// `26 hours`, `90 days`: a period in words.
func words(for period: Period) -> String {
    let units: [(Int64, String)] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second")]
    for (length, unit) in units where period.milliseconds >= length && period.milliseconds.isMultiple(of: length) {
        return count(Int(period.milliseconds / length), unit)
    }
    return period.description
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`.
func enumeration(_ items: [String], longest: Int = 4) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    guard items.count <= longest + 1 else {
        return items.prefix(longest).joined(separator: ", ") + " and \(items.count - longest) more"
    }
    return items.dropLast().joined(separator: ", ") + " and " + last
}

extension String {
    /// One segment of a path (RFC 3986 §3.3): everything but unreserved characters percent-encoded, so that
    /// an id cannot leave its place.
    var asPathSegment: String {
        if self == "." || self == ".." { return replacing(".", with: "%2E") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(contentsOf: [byte].hex.uppercased().utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Where things stand.
enum Address {
    static func commitment(_ policy: String, _ id: String) -> String {
        "/commitments/\(policy.asPathSegment)/\(id.asPathSegment)"
    }

    static func host(_ id: String) -> String { "/hosts/\(id.asPathSegment)" }

    static func site(_ id: String) -> String { "/sites/\(id.asPathSegment)" }

    static func siteScan(_ site: String, _ scan: String) -> String {
        "/sites/\(site.asPathSegment)/scans/\(scan.asPathSegment)"
    }

    static func alert(_ id: String) -> String { "/alerts/\(id.asPathSegment)" }

    static func logSource(_ id: String) -> String { "/logs/\(id.asPathSegment)" }

    static func policy(_ id: String) -> String { "/policies/\(id.asPathSegment)" }

    static func publishedProof(_ slug: String, _ policy: String, _ id: String) -> String {
        "/trust/\(slug.asPathSegment)/proofs/\(policy.asPathSegment)/\(id.asPathSegment)"
    }
}
