import Kernel

/// Writes the lines of an export behind its header: entries and their rows, in order.
public struct ExportLines: Sendable {
    /// What was written and not taken away yet.
    public private(set) var bytes: [UInt8] = []
    private var next: UInt64
    private var row: UInt64 = 0

    /// The lines from the entry `first` on.
    public init(from first: UInt64 = 0) {
        next = first
    }

    /// Adds an entry; the rows that are added next are those that it wrote.
    public mutating func append(_ entry: LedgerEntry) {
        // Names, times and hashes are plain ASCII without quotation marks, so nothing needs escaping.
        let subject = entry.subject.map { "\"\($0)\"" } ?? "null"
        bytes.append(
            contentsOf: """
                {"entry":\(next),"at":"\(entry.at)","actor":"\(entry.actor)","action":"\(entry.action)",\
                "subject":\(subject),"rows":\(entry.rows),"content":"\(entry.content)"}

                """.utf8)
        next += 1
        row = 0
    }

    /// Adds a row as it was written.
    ///
    /// - Parameters:
    ///   - salt: The row's salt, 32 bytes.
    ///   - body: The plain bytes of its sealed part. JSON stands in the line as it is, other text as a string, all else as base64.
    /// - Throws: A `Problem` (invalid, `export.row-size`) if the line would be longer than ``ExportFormat/lineLimit``.
    public mutating func append(_ header: RowHeader, salt: [UInt8], body: [UInt8]) throws(Problem) {
        let start = bytes.count
        begin()
        let parts = header.bytes.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        bytes.append(contentsOf: "\"table\":\"".utf8)
        bytes.append(contentsOf: parts[0])
        bytes.append(contentsOf: "\",\"id\":\"".utf8)
        bytes.append(contentsOf: parts[1])
        bytes.append(contentsOf: "\",\"version\":".utf8)
        bytes.append(contentsOf: parts[2])
        bytes.append(contentsOf: ",\"columns\":\"".utf8)
        if parts.count > 3 { JSONText.appendEscaped(Array(parts[3]).span, to: &bytes) }
        bytes.append(contentsOf: "\",\"salt\":\"".utf8)
        Base64Bytes.append(salt.span, to: &bytes)
        bytes.append(contentsOf: "\",".utf8)
        appendBody(body.span)
        bytes.append(contentsOf: "}\n".utf8)
        guard bytes.count - start <= ExportFormat.lineLimit else {
            throw Problem(
                .invalid, code: "export.row-size",
                "Row \(row - 1) of entry \(next - 1) does not fit into a line of \(ExportFormat.lineLimit >> 20) MiB.")
        }
    }

    private mutating func appendBody(_ body: Span<UInt8>) {
        if JSONText.isObject(body) {
            bytes.append(contentsOf: "\"body\":".utf8)
            bytes.append(body)
        } else if body.isUTF8 {
            bytes.append(contentsOf: "\"text\":\"".utf8)
            JSONText.appendEscaped(body, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        } else {
            bytes.append(contentsOf: "\"base64\":\"".utf8)
            Base64Bytes.append(body, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// Adds what is left of a row that was replaced or erased.
    public mutating func append(_ digest: RowDigest) {
        begin()
        bytes.append(contentsOf: "\"digest\":\"\(digest.value)\"}\n".utf8)
    }

    private mutating func begin() {
        bytes.append(contentsOf: "{\"entry\":\(next - 1),\"row\":\(row),".utf8)
        row += 1
    }

    /// Hands out what was written so far and forgets it.
    public mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}
