import Kernel

/// Where a sealed value belongs. It is bound into the seal, so that no ciphertext opens anywhere else.
public struct SealedPlace: Hashable, Sendable {
    /// The organisation or installation, by its 16 bytes.
    public let scope: Identifier<KeyScope>
    /// The table that holds the row.
    public let table: String
    /// The column of the value.
    public let column: String
    /// The row's primary key.
    public let row: [UInt8]
    /// What else must be the same at opening, such as the row's header with its index columns.
    public let context: [UInt8]

    /// The place of one value.
    public init(scope: Identifier<KeyScope>, table: String, column: String, row: [UInt8], context: [UInt8] = []) {
        self.scope = scope
        self.table = table
        self.column = column
        self.row = row
        self.context = context
    }

    /// The canonical form: each part behind its length in four bytes, so that no two places share one.
    func additionalData(version: UInt8, key: Identifier<DataKey>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(100 + table.utf8.count + column.utf8.count + row.count + context.count)
        bytes.appendPart("vouchsafe/sealed@v1".utf8)
        bytes.append(version)
        bytes.appendIdentifier(key)
        bytes.appendIdentifier(scope)
        bytes.appendPart(table.utf8)
        bytes.appendPart(column.utf8)
        bytes.appendPart(row)
        bytes.appendPart(context)
        return bytes
    }
}

/// Stands for whatever has keys of its own: an organisation or the installation.
public enum KeyScope {}

extension [UInt8] {
    mutating func appendPart(_ part: some Collection<UInt8>) {
        let count = UInt32(truncatingIfNeeded: part.count)
        for shift in stride(from: 24, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: count >> UInt32(shift))) }
        append(contentsOf: part)
    }

    mutating func appendIdentifier<Kind>(_ identifier: Identifier<Kind>) {
        for word in [identifier.high, identifier.low] {
            Swift.withUnsafeBytes(of: word.bigEndian) { append(contentsOf: $0) }
        }
    }
}
