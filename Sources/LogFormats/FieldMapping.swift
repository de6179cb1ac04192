/// Gives values of a JSON record the names by which rules ask for them. The record keeps what it has; each mapped value stands
/// in it once more under the other name.
public struct FieldMapping: Sendable {
    private let fields: [(path: [[UInt8]], name: [UInt8])]

    /// - Parameter names: For each place in a record, nested ones with points, the name that rules use.
    public init(_ names: [String: String]) {
        fields = names.sorted { $0.key < $1.key }.map { path, name in
            (path.split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) }, Array(name.utf8))
        }
    }

    /// Whether nothing is mapped.
    public var isEmpty: Bool { fields.isEmpty }

    /// The record with the mapped values added; what is no JSON object comes back as it is.
    public func applied(to record: [UInt8]) -> [UInt8] {
        guard !fields.isEmpty, let members = JSONMembers.read(record[...]),
            let end = record.lastIndex(of: UInt8(ascii: "}"))
        else { return record }
        var mapped = Array(record[..<end])
        var isFirst = members.isEmpty
        for field in fields {
            guard let value = Self.value(at: field.path[...], in: members) else { continue }
            if !isFirst { mapped.append(UInt8(ascii: ",")) }
            isFirst = false
            mapped.append(UInt8(ascii: "\""))
            for byte in field.name {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { mapped.append(UInt8(ascii: "\\")) }
                mapped.append(byte)
            }
            mapped += [UInt8(ascii: "\""), UInt8(ascii: ":")]
            mapped += value
        }
        return mapped + record[end...]
    }

    /// A name with a point in it is found as well as a nested one.
    private static func value(at path: ArraySlice<[UInt8]>, in members: [JSONMembers.Member]) -> ArraySlice<UInt8>? {
        for length in 1...max(1, path.count) where length <= path.count {
            let name = Array(path.prefix(length).joined(separator: [UInt8(ascii: ".")]))
            guard let member = members.first(where: { $0.key.elementsEqual(name) }) else { continue }
            if length == path.count { return member.value }
            if let inner = JSONMembers.read(member.value), let found = value(at: path.dropFirst(length), in: inner) {
                return found
            }
        }
        return nil
    }
}
