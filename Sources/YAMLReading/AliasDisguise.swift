/// Keeps anchors and aliases from being resolved.
///
/// A few lines of nested aliases unfold to billions of nodes, and mapping keys are hashed while the document is composed,
/// so that looking at its nodes afterwards is too late. Every `&` and `*` that could start a name is therefore replaced by
/// a private-use character that the file does not contain, and put back in the texts that are read.
struct AliasDisguise {
    private let anchor, alias: Unicode.Scalar
    /// There is something that could be an anchor or an alias.
    let isNeeded: Bool

    init(for text: String) {
        var used: Set<UInt32> = []
        for scalar in text.unicodeScalars where (0xE000...0xF8FF).contains(scalar.value) { used.insert(scalar.value) }
        let free = (UInt32(0xF000)...0xF8FF).lazy.filter { !used.contains($0) }.compactMap(Unicode.Scalar.init).prefix(
            2)
        let pair = Array(free)
        // A file that uses up all of them is no pack; its private-use characters then read as what they stand for here.
        anchor = pair.first ?? "\u{F000}"
        alias = pair.last ?? "\u{F001}"
        isNeeded = Self.candidates(in: text)
    }

    func applied(to text: String) -> String {
        guard isNeeded else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 64)
        let source = Array(text.utf8)
        for (position, byte) in source.enumerated() {
            if Self.isCandidate(source, at: position) {
                bytes += Array(String(byte == UInt8(ascii: "&") ? anchor : alias).utf8)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func removed(from text: String) -> String {
        guard isNeeded else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(scalar == anchor ? "&" : scalar == alias ? "*" : scalar)
        }
        return String(result)
    }

    func begins(_ text: String) -> Bool {
        guard isNeeded, let first = text.unicodeScalars.first else { return false }
        return first == anchor || first == alias
    }

    private static func candidates(in text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { isCandidate(bytes, at: $0) }
    }

    private static func isCandidate(_ bytes: [UInt8], at position: Int) -> Bool {
        guard bytes[position] == UInt8(ascii: "&") || bytes[position] == UInt8(ascii: "*"), position + 1 < bytes.count
        else {
            return false
        }
        switch bytes[position + 1] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            return true
        default: return false
        }
    }
}
