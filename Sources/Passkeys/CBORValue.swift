/// A value of CBOR (RFC 8949) of the kinds that authenticators send: no tags, no floating point.
indirect enum CBORValue: Hashable, Sendable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    case map([Member])
    case boolean(Bool)
    case null

    /// One entry of a map.
    struct Member: Hashable, Sendable {
        let key: CBORValue
        let value: CBORValue
    }

    /// The entry of a map under a name; `nil` if this is no map or has no such entry.
    subscript(_ name: String) -> CBORValue? { self[.text(name)] }

    /// The entry of a map under a number, as COSE names its parameters.
    subscript(_ label: Int64) -> CBORValue? { self[.integer(label)] }

    private subscript(_ key: CBORValue) -> CBORValue? {
        guard case .map(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The keys of a map, in their order.
    var keys: [CBORValue]? {
        guard case .map(let members) = self else { return nil }
        return members.map(\.key)
    }

    var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    var bytes: [UInt8]? {
        guard case .bytes(let value) = self else { return nil }
        return value
    }

    var text: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }
}
