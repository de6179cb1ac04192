import Kernel

/// Counts names as they stand in the lines of an export.
///
/// Names come from a file that nothing vouches for before its end, so only so many of them are told apart.
struct ExportTally {
    struct Line {
        let name: [UInt8]
        var count = 0
        var first: Instant = .distantFuture
        var last: Instant = .distantPast
    }

    /// The names in the order in which they were met.
    private(set) var lines: [Line] = []
    /// How many were counted under no name because there were too many names.
    private(set) var others = 0
    private var latest = 0

    /// The most names that are told apart.
    static let nameLimit = 500

    mutating func count(_ name: Span<UInt8>, at time: Instant? = nil) {
        guard let index = index(of: name) else {
            others += 1
            return
        }
        lines[index].count += 1
        if let time {
            lines[index].first = min(lines[index].first, time)
            lines[index].last = max(lines[index].last, time)
        }
    }

    private mutating func index(of name: Span<UInt8>) -> Int? {
        // Mostly the same name comes again.
        if latest < lines.count, name.isEqual(to: lines[latest].name) { return latest }
        for index in lines.indices where name.isEqual(to: lines[index].name) {
            latest = index
            return index
        }
        guard lines.count < Self.nameLimit else { return nil }
        var bytes: [UInt8] = []
        bytes.append(name)
        lines.append(Line(name: bytes))
        latest = lines.count - 1
        return latest
    }
}
