import SwiftASN1

/// A name of a server in a certificate (RFC 5280 §4.2.1.6).
public enum CertificateName: Hashable, Sendable, CustomStringConvertible {
    /// A name of the domain system, perhaps with a star in front.
    case dns(String)
    /// An address of 4 or 16 bytes.
    case address([UInt8])

    init?(_ node: ASN1Node) {
        guard node.identifier.tagClass == .contextSpecific, let bytes = node.bytes else { return nil }
        switch node.identifier.tagNumber {
        case 2:
            guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
            self = .dns(name)
        case 7:
            guard bytes.count == 4 || bytes.count == 16 else { return nil }
            self = .address(Array(bytes))
        default: return nil
        }
    }

    /// As people write it.
    public var description: String {
        switch self {
        case .dns(let name): return name
        case .address(let bytes) where bytes.count == 4: return bytes.map(String.init).joined(separator: ".")
        case .address(let bytes):
            let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
            return Self.shortened(groups)
        }
    }

    /// The longest run of zeros is left out (RFC 5952 §4.2).
    private static func shortened(_ groups: [UInt16]) -> String {
        var longest = 0..<0
        var start = 0
        for place in 0...groups.count where place == groups.count || groups[place] != 0 {
            if place - start > longest.count { longest = start..<place }
            start = place + 1
        }
        let text = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard longest.count >= 2 else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }

    /// Tells whether it is the name of `host` (RFC 9525 §6.3): a star stands for exactly the leftmost label.
    ///
    /// - Parameters:
    ///   - host: A name, in either case, with or without the point at its end.
    ///   - address: The bytes of `host` where it is an address and no name.
    public func covers(_ host: String, address: [UInt8]?) -> Bool {
        switch self {
        case .address(let bytes): return bytes == address
        case .dns(let name):
            guard address == nil, !host.isEmpty else { return false }
            let wanted = Self.labels(host)
            let offered = Self.labels(name)
            guard wanted.count == offered.count, !wanted.isEmpty else { return false }
            if offered.first == "*" { return offered.count >= 3 && offered.dropFirst() == wanted.dropFirst() }
            return offered == wanted
        }
    }

    private static func labels(_ name: String) -> [Substring] {
        let name = name.hasSuffix(".") ? String(name.dropLast()) : name
        return name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    }
}
