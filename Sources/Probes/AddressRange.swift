import NIOCore

/// The addresses that a scan of a public site must never reach: IANA's special-purpose registries (RFC 6890 and its
/// successors), whatever name leads to them.
struct AddressRange: Sendable {
    let first: [UInt8]
    let bits: Int

    private init(_ first: [UInt8], _ bits: Int) {
        self.first = first
        self.bits = bits
    }

    /// Where clouds tell a machine its secrets, and link-local addresses: visited by nobody, however they are named.
    static let ofTheMachineItself = [
        AddressRange([169, 254, 0, 0], 16), AddressRange([0xFE, 0x80] + zeros(14), 10),
        // Amazon and Google over IPv6, Alibaba, Oracle, and Azure's, which looks like a public one.
        AddressRange([0xFD, 0x00, 0x0E, 0xC2] + zeros(12), 32), AddressRange([0xFD, 0x20, 0x00, 0xCE] + zeros(12), 32),
        AddressRange([100, 100, 100, 200], 32), AddressRange([192, 0, 0, 192], 32),
        AddressRange([168, 63, 129, 16], 32),
    ]

    static let notPublic =
        ofTheMachineItself + [
            AddressRange([0, 0, 0, 0], 8), AddressRange([10, 0, 0, 0], 8), AddressRange([100, 64, 0, 0], 10),
            AddressRange([127, 0, 0, 0], 8), AddressRange([172, 16, 0, 0], 12), AddressRange([192, 0, 0, 0], 24),
            AddressRange([192, 0, 2, 0], 24), AddressRange([192, 88, 99, 0], 24), AddressRange([192, 168, 0, 0], 16),
            AddressRange([198, 18, 0, 0], 15), AddressRange([198, 51, 100, 0], 24), AddressRange([203, 0, 113, 0], 24),
            AddressRange([224, 0, 0, 0], 3),
            // Whatever lies outside 2000::/3 is not routed in public; what is translated is judged by what it stands for.
            AddressRange(zeros(16), 3), AddressRange([0x40] + zeros(15), 2), AddressRange([0x80] + zeros(15), 1),
            AddressRange([0x20, 0x01, 0x0D, 0xB8] + zeros(12), 32), AddressRange([0x3F, 0xFF] + zeros(14), 20),
            AddressRange([0x20, 0x01] + zeros(14), 23),
        ]

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == first.count else { return false }
        for index in 0..<(bits / 8) where address[index] != first[index] { return false }
        guard bits % 8 != 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - bits % 8))
        return address[bits / 8] & mask == first[bits / 8] & mask
    }
}

/// Where the probes of one scan may go.
public enum Reach: Hashable, Sendable {
    /// Addresses that everybody can reach.
    case publicAddresses
    /// Also those of the organisation's own networks and of this machine: for a site that is registered as internal, or that
    /// the operator named by such an address.
    case internalAddresses

    /// Tells whether a connection to `address` may be opened.
    func allows(_ address: SocketAddress) -> Bool {
        guard let bytes = address.addressBytes else { return false }
        let carried = Self.carried(in: bytes)
        // An address that stands for one of IPv4 is as public as that one.
        let forms = carried.isEmpty ? [bytes] : carried
        return switch self {
        case .publicAddresses: !forms.contains { form in AddressRange.notPublic.contains { $0.contains(form) } }
        case .internalAddresses: !forms.contains { form in AddressRange.ofTheMachineItself.contains { $0.contains(form) } }
        }
    }

    /// The IPv4 address that an IPv6 address stands for: mapped (RFC 4291), translated (RFC 6052,
    /// RFC 8215, RFC 7915), 6to4 (RFC 3056).
    private static func carried(in bytes: [UInt8]) -> [[UInt8]] {
        guard bytes.count == 16 else { return [] }
        let zeros = { (range: Range<Int>) in bytes[range].allSatisfy { $0 == 0 } }
        if zeros(0..<10), bytes[10] == 0xFF, bytes[11] == 0xFF { return [Array(bytes[12...])] }
        if zeros(0..<12) { return [Array(bytes[12...])] }
        if zeros(0..<8), bytes[8] == 0xFF, bytes[9] == 0xFF, zeros(10..<12) { return [Array(bytes[12...])] }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]), zeros(4..<12) { return [Array(bytes[12...])] }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01]) { return [Array(bytes[12...])] }
        if bytes.starts(with: [0x20, 0x02]) { return [Array(bytes[2..<6])] }
        return []
    }
}

extension SocketAddress {
    /// The address' 4 or 16 bytes in network order; `nil` for a socket of this machine.
    var addressBytes: [UInt8]? {
        // Behind family and port, and in the longer form the flow, which POSIX leaves no room to move.
        let place: Range<Int>
        switch self {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        return withSockAddr { Array(UnsafeRawBufferPointer(start: $0, count: $1)[place]) }
    }
}
