import Kernel

/// Reads a header that arrives in pieces, strictly: what it accepts has no second spelling.
struct HeaderReader: Sendable {
    /// The header, once its last line has arrived.
    private(set) var header: Header?
    private var bytes: [UInt8] = []
    private var lineStart = 0
    private var stanzas: [Stanza] = []
    private var expected = Line.version
    private var words: [String] = []
    private var body: [UInt8] = []

    private enum Line { case version, stanzaOrMAC, body }

    /// Takes what belongs to the header off the front of `piece`.
    ///
    /// - Returns: How many bytes that was; what follows them is the payload.
    /// - Throws: A `Problem` (refused): `age.header`, `age.version` or `age.format`.
    mutating func read(_ piece: UnsafeBufferPointer<UInt8>) throws(Problem) -> Int {
        var position = 0
        while header == nil, position < piece.count {
            let end = piece[position...].firstIndex(of: UInt8(ascii: "\n")) ?? piece.count
            let next = min(end + 1, piece.count)
            guard bytes.count + next - position <= Header.sizeLimit else {
                throw AgeProblem.header("It is longer than \(Header.sizeLimit / 1024) KiB.")
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: piece[position..<next]))
            position = next
            if expected == .version { try checkStart() }
            guard end < piece.count else { break }
            try readLine(bytes[lineStart..<bytes.count - 1])
            lineStart = bytes.count
        }
        return position
    }

    /// What is missing at the end of a file whose header never ended.
    var incomplete: Problem {
        AgeProblem.header(bytes.isEmpty ? "The file is empty." : "The file ends within it.")
    }

    /// Anything but an age file is refused by its first bytes, not after a megabyte without a line feed.
    private func checkStart() throws(Problem) {
        let start = Header.versionLine.utf8.dropLast(2)
        guard zip(bytes, start).allSatisfy({ $0 == $1 }), bytes.count <= 128 else { throw AgeProblem.unknownFormat }
    }

    private mutating func readLine(_ line: ArraySlice<UInt8>) throws(Problem) {
        switch expected {
        case .version:
            guard line.elementsEqual(Header.versionLine.utf8) else {
                guard line.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                    throw AgeProblem.header("Its first line is not \(Header.versionLine) and a line feed.")
                }
                throw AgeProblem.version
            }
            expected = .stanzaOrMAC
        case .stanzaOrMAC:
            if line.starts(with: "---".utf8) { return try readMAC(line) }
            guard let words = Stanza.words(on: line) else {
                throw AgeProblem.header("A recipient does not begin with -> and words apart by single spaces.")
            }
            self.words = words
            body = []
            expected = .body
        case .body:
            guard line.count <= Stanza.lineLength, let part = Base64.bytes(line) else {
                throw AgeProblem.header("The body of a recipient is not canonical base64 in lines of 64 characters.")
            }
            body += part
            guard line.count < Stanza.lineLength, let type = words.first else { return }
            stanzas.append(Stanza(type: type, arguments: Array(words.dropFirst()), body: body))
            expected = .stanzaOrMAC
        }
    }

    private mutating func readMAC(_ line: ArraySlice<UInt8>) throws(Problem) {
        guard line.starts(with: "--- ".utf8), let mac = Base64.bytes(line.dropFirst(4)), mac.count == Header.macSize
        else { throw AgeProblem.header("Its last line is not --- and the base64 of 32 bytes.") }
        guard !stanzas.isEmpty else { throw AgeProblem.header("It names no recipient.") }
        // Whoever opens with a passphrase takes the file to come from someone who knows it; another recipient would break that.
        guard stanzas.count == 1 || !stanzas.contains(where: { $0.type == AgePassphrase.stanzaType }) else {
            throw AgeProblem.header("A passphrase stands beside other recipients.")
        }
        header = Header(stanzas: stanzas, covered: Array(bytes[..<(line.startIndex + 3)]), mac: mac)
        bytes = []
    }
}
