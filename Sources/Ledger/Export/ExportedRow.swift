import Kernel

/// The digest of a row in an export, recomputed from what the line says, with room to work in that is kept between lines.
struct ExportedRow {
    private var header: [UInt8] = []
    private var salt: [UInt8] = []
    private var body: [UInt8] = []
    /// Where the table's name stands in the line; nothing where only the digest was left.
    private(set) var table: Range<Int>?

    /// Reads the line of one row.
    ///
    /// - Parameter prefix: `{"entry":12,`, as the line must begin.
    /// - Returns: `nil` unless it is exactly the line of row `number`.
    mutating func digest(_ line: Span<UInt8>, prefix: [UInt8], number: UInt64) -> RowDigest? {
        var scanner = LineScanner()
        guard scanner.take(prefix, in: line), scanner.take("\"row\":", in: line),
            scanner.number(in: line) == number, scanner.take(",", in: line)
        else { return nil }
        guard scanner.take("\"table\":\"", in: line) else {
            table = nil
            guard scanner.take("\"digest\":\"", in: line), let digits = scanner.fixed(44, in: line),
                scanner.take("}", in: line), scanner.isAtEnd(of: line)
            else { return nil }
            return MerkleHash(base64: line.extracting(digits), &salt).map { RowDigest(value: $0) }
        }
        guard readHeader(line, &scanner), scanner.take(",\"salt\":\"", in: line),
            let digits = scanner.fixed(44, in: line)
        else { return nil }
        salt.removeAll(keepingCapacity: true)
        guard Base64Bytes.decode(line.extracting(digits), into: &salt), salt.count == RowDigest.saltSize,
            scanner.take(",", in: line)
        else { return nil }
        if scanner.take("\"body\":", in: line) {
            // The object stands in the line as it was stored, and the line ends right behind it.
            guard line.count - scanner.position > 1, line[line.count - 1] == UInt8(ascii: "}") else { return nil }
            let object = line.extracting(scanner.position..<(line.count - 1))
            return JSONText.isObject(object) ? RowDigest(salt: salt.span, header: header.span, body: object) : nil
        }
        guard readBody(line, &scanner), scanner.take("}", in: line), scanner.isAtEnd(of: line) else { return nil }
        return RowDigest(salt: salt.span, header: header.span, body: body.span)
    }

    /// Puts the readable part together again: table, id, version and columns, separated by spaces.
    private mutating func readHeader(_ line: Span<UInt8>, _ scanner: inout LineScanner) -> Bool {
        header.removeAll(keepingCapacity: true)
        guard let name = scanner.plain(in: line), appendWord(line.extracting(name)),
            scanner.take(",\"id\":\"", in: line), let id = scanner.plain(in: line), appendWord(line.extracting(id)),
            scanner.take(",\"version\":", in: line)
        else { return false }
        table = name
        let start = scanner.position
        guard scanner.number(in: line) != nil else { return false }
        header.append(line.extracting(start..<scanner.position))
        guard scanner.take(",\"columns\":\"", in: line) else { return false }
        if scanner.take("\"", in: line) { return true }
        header.append(UInt8(ascii: " "))
        let columns = header.count
        guard scanner.escaped(in: line, into: &header) else { return false }
        return header.span.extracting(columns...).isPrintable
    }

    private mutating func appendWord(_ word: Span<UInt8>) -> Bool {
        guard word.count > 0 else { return false }
        for index in word.indices where word[index] == UInt8(ascii: " ") { return false }
        header.append(word)
        header.append(UInt8(ascii: " "))
        return true
    }

    /// Reads a body that is no JSON object, in the one way in which it may be written.
    private mutating func readBody(_ line: Span<UInt8>, _ scanner: inout LineScanner) -> Bool {
        body.removeAll(keepingCapacity: true)
        if scanner.take("\"text\":\"", in: line) {
            return scanner.escaped(in: line, into: &body) && body.span.isUTF8 && !JSONText.isObject(body.span)
        }
        guard scanner.take("\"base64\":\"", in: line), let digits = scanner.plain(in: line) else { return false }
        return Base64Bytes.decode(line.extracting(digits), into: &body) && !body.span.isUTF8
    }
}

extension Span<UInt8> {
    /// Whether all bytes are printable ASCII.
    fileprivate var isPrintable: Bool {
        for index in indices where !(0x20...0x7E).contains(self[index]) { return false }
        return true
    }
}
