import Kernel

/// The readable part of one version of one stored row: its table, id, version and index columns, in one canonical line.
///
/// `verdict_statement 0192… 3 commitment="c12" rank=4 token=#00ff state=~`: integers in decimal, text in quotes with
/// everything but letters, digits and `-._:/@` percent-escaped, blobs as `#` and hexadecimal digits, null as `~`. The forms
/// cannot be mistaken for one another, so two different rows never share a line.
public struct RowHeader: Hashable, Sendable {
    /// The line without a line feed.
    public private(set) var bytes: [UInt8]

    /// What an index column can hold.
    public enum Value: Hashable, Sendable {
        case integer(Int64)
        case text(String)
        case blob([UInt8])
        case null
    }

    /// The header of a row that has no index columns yet.
    ///
    /// - Parameters:
    ///   - table: The table's name in the schema: lower-case letters, digits and underscores.
    ///   - id: The row's primary key as text.
    ///   - version: The row's version, from 1.
    public init(table: String, id: String, version: Int64) {
        bytes = []
        bytes.reserveCapacity(160)
        bytes.append(contentsOf: table.utf8)
        bytes.append(UInt8(ascii: " "))
        appendEscaped(id)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: String(version).utf8)
    }

    /// Adds the index column `name`; the order of calls, which must be that of the schema, counts.
    public mutating func append(_ name: String, _ value: Value) {
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
        switch value {
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .text(let text):
            bytes.append(UInt8(ascii: "\""))
            appendEscaped(text)
            bytes.append(UInt8(ascii: "\""))
        case .blob(let blob):
            bytes.append(UInt8(ascii: "#"))
            for byte in blob { appendHex(byte) }
        case .null: bytes.append(UInt8(ascii: "~"))
        }
    }

    private mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-")...UInt8(ascii: "/"), UInt8(ascii: ":"),
                UInt8(ascii: "@"), UInt8(ascii: "_"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                appendHex(byte)
            }
        }
    }

    private mutating func appendHex(_ byte: UInt8) {
        bytes.append(Self.hexDigits[Int(byte >> 4)])
        bytes.append(Self.hexDigits[Int(byte & 15)])
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}

// MARK: - Reading

extension RowHeader {
    /// Takes over a line out of a proof.
    ///
    /// The digest over it decides whether it is the stored one; here it is only checked that it is printable ASCII with a
    /// table, an id and a version in front.
    ///
    /// - Returns: `nil` for any other line.
    init?(line: ArraySlice<UInt8>) {
        guard line.count <= 16_384, line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.allSatisfy({ !$0.isEmpty }),
            let version = TextLines.string(parts[2]), Int64(version).map(String.init) == version
        else { return nil }
        bytes = Array(line)
    }

    /// The table's name.
    public var table: String {
        String(decoding: bytes.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }

    /// The line as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
