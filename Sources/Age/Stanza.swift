/// One wrapping of the file key in the header of an age file.
struct Stanza: Hashable, Sendable {
    /// The first argument, which names the kind of recipient.
    let type: String
    /// What follows it on the argument line.
    let arguments: [String]
    /// The wrapped file key, in the kinds that are known here.
    let body: [UInt8]

    /// The characters of a full line of the body.
    static let lineLength = 64

    /// Appends the stanza as it stands in a header.
    func write(into header: inout [UInt8]) {
        header.append(contentsOf: "-> \(([type] + arguments).joined(separator: " "))\n".utf8)
        let text = Base64.text(body)
        var start = 0
        // A full line is never the last one, so a body that fills its last line is followed by an empty line.
        while text.count - start >= Self.lineLength {
            header.append(contentsOf: text[start..<start + Self.lineLength])
            header.append(UInt8(ascii: "\n"))
            start += Self.lineLength
        }
        header.append(contentsOf: text[start...])
        header.append(UInt8(ascii: "\n"))
    }

    /// The words on the line that opens a stanza; `nil` unless they are visible ASCII, with one space before each.
    static func words(on line: ArraySlice<UInt8>) -> [String]? {
        guard line.starts(with: "-> ".utf8) else { return nil }
        let words = line.dropFirst(3).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x21...0x7E).contains($0) } }) else { return nil }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }
}
