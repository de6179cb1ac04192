import SwiftASN1

/// What the extensions of a certificate say, as far as it matters for a server (RFC 5280 §4.2).
struct CertificateExtensions {
    var names: [CertificateName] = []
    var isAuthority = false
    var mustStaple = false
    var timestamps = 0
    var isForServers = true

    /// - Parameter fields: The fields behind the key; the extensions are the last of them, tagged 3.
    init(_ fields: ArraySlice<ASN1Node>) {
        guard
            let tagged = fields.last(where: {
                $0.identifier.tagNumber == 3 && $0.identifier.tagClass == .contextSpecific
            }),
            let list = tagged.children?.first?.children
        else { return }
        for node in list {
            guard let parts = node.children, let identifier = parts.first?.objectIdentifier,
                let value = parts.last?.bytes, let content = try? DER.parse(value)
            else { continue }
            read(identifier, content)
        }
    }

    private mutating func read(_ identifier: String, _ content: ASN1Node) {
        switch identifier {
        case "2.5.29.17": names = (content.children ?? []).compactMap(CertificateName.init)
        case "2.5.29.19": isAuthority = content.children?.first?.bytes == [0xFF]
        case "2.5.29.37":
            let purposes = (content.children ?? []).compactMap(\.objectIdentifier)
            isForServers = purposes.contains("1.3.6.1.5.5.7.3.1") || purposes.contains("2.5.29.37.0")
        case "1.3.6.1.5.5.7.1.24":
            // The list holds extensions of TLS; status_request is the one that demands a staple.
            mustStaple = (content.children ?? []).contains { $0.bytes == [5] }
        case "1.3.6.1.4.1.11129.2.4.2":
            guard let bytes = content.bytes else { return }
            var reader = ByteReader(Array(bytes))
            timestamps = ServerHello.timestamps(&reader).count
        default: break
        }
    }

    /// The object identifier of certificate timestamps in an OCSP response, as it stands in DER.
    static let timestampsInResponse: [UInt8] = [
        0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xD6, 0x79, 0x02, 0x04, 0x05,
    ]
}

/// A distinguished name as people read it (RFC 4514): the most specific part first.
enum DistinguishedText {
    private static let shortNames = [
        "2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
        "2.5.4.5": "serialNumber", "0.9.2342.19200300.100.1.25": "DC",
    ]

    static func text(of name: ASN1Node) -> String {
        let parts = (name.children ?? []).flatMap { $0.children ?? [] }.compactMap { attribute -> String? in
            guard let pair = attribute.children, pair.count == 2, let kind = pair[0].objectIdentifier,
                let bytes = pair[1].bytes
            else { return nil }
            // What is no UTF-8 is an older encoding; a reader still recognises most of it.
            return "\(shortNames[kind] ?? kind)=\(String(decoding: bytes, as: UTF8.self))"
        }
        return parts.reversed().joined(separator: ",")
    }
}
