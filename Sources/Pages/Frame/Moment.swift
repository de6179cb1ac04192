import Kernel
import Mustache

/// A time as pages show it: for machines, for people, and as a distance from now.
struct Moment: MustacheParent {
    let iso: String
    let day: String
    let text: String
    let ago: String

    /// - Parameter now: leave it out where the page is cached; the script then fills in the distance.
    init(_ instant: Instant, now: Instant?) {
        let parts = CivilTime(instant)
        iso = instant.description
        day = "\(parts.day) \(Self.months[parts.month - 1]) \(parts.year)"
        text = "\(day), \(twoDigits(parts.hour)):\(twoDigits(parts.minute)) UTC"
        ago = now.map { Self.distance(from: $0, to: instant) } ?? ""
    }

    func child(named name: String) -> Any? {
        switch name {
        case "iso": iso
        case "day": day
        case "text": text
        case "ago": ago
        case "hasAgo": !ago.isEmpty
        default: nil
        }
    }

    /// `2 hours ago`, `in 3 days`, `just now`.
    static func distance(from now: Instant, to instant: Instant) -> String {
        let seconds = (instant - now).milliseconds / 1000
        let distance = seconds.magnitude
        let words: String
        switch distance {
        case ..<60: return "just now"
        case ..<3600: words = count(Int(distance / 60), "minute")
        case ..<172_800: words = count(Int(distance / 3600), "hour")
        case ..<5_184_000: words = count(Int(distance / 86_400), "day")
        case ..<63_072_000: words = count(Int(distance / 2_592_000), "month")
        default: words = count(Int(distance / 31_536_000), "year")
        }
        return seconds < 0 ? "\(words) ago" : "in \(words)"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

private func twoDigits(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
}
