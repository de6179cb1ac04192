/// A package version, ordered as dpkg orders them (Debian Policy §5.6.12): epoch, upstream version, revision.
struct DebianVersion: Comparable {
    let epoch: Int
    let upstream, revision: String

    init(_ text: some StringProtocol) {
        var rest = text.trimmed[...]
        var epoch = 0
        if let colon = rest.firstIndex(of: ":"), let number = Int(rest[..<colon]), number >= 0 {
            epoch = number
            rest = rest[rest.index(after: colon)...]
        }
        self.epoch = epoch
        if let hyphen = rest.lastIndex(of: "-") {
            upstream = String(rest[..<hyphen])
            revision = String(rest[rest.index(after: hyphen)...])
        } else {
            upstream = String(rest)
            revision = ""
        }
    }

    static func < (left: DebianVersion, right: DebianVersion) -> Bool {
        order(left, right) < 0
    }

    /// Equal in order, not in spelling: an absent revision equals `0`.
    static func == (left: DebianVersion, right: DebianVersion) -> Bool {
        order(left, right) == 0
    }

    private static func order(_ left: DebianVersion, _ right: DebianVersion) -> Int {
        if left.epoch != right.epoch { return left.epoch < right.epoch ? -1 : 1 }
        let byUpstream = order(of: Array(left.upstream.utf8), and: Array(right.upstream.utf8))
        return byUpstream != 0 ? byUpstream : order(of: Array(left.revision.utf8), and: Array(right.revision.utf8))
    }

    /// Compares by turns a run of non-digits, by weight, and a run of digits, by number.
    private static func order(of left: [UInt8], and right: [UInt8]) -> Int {
        var first = 0
        var second = 0
        while first < left.count || second < right.count {
            while (first < left.count && !isDigit(left[first])) || (second < right.count && !isDigit(right[second])) {
                let difference = weight(left, first) - weight(right, second)
                if difference != 0 { return difference }
                first += 1
                second += 1
            }
            while first < left.count, left[first] == UInt8(ascii: "0") { first += 1 }
            while second < right.count, right[second] == UInt8(ascii: "0") { second += 1 }
            var difference = 0
            while first < left.count, isDigit(left[first]), second < right.count, isDigit(right[second]) {
                if difference == 0 { difference = Int(left[first]) - Int(right[second]) }
                first += 1
                second += 1
            }
            if first < left.count, isDigit(left[first]) { return 1 }
            if second < right.count, isDigit(right[second]) { return -1 }
            if difference != 0 { return difference }
        }
        return 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Tilde before the end, the end before letters, letters before everything else.
    private static func weight(_ bytes: [UInt8], _ place: Int) -> Int {
        guard place < bytes.count, !isDigit(bytes[place]) else { return 0 }
        switch bytes[place] {
        case UInt8(ascii: "~"): return -1
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return Int(bytes[place])
        default: return Int(bytes[place]) + 256
        }
    }
}
