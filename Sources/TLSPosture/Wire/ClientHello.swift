/// What a client says first (RFC 5246 §7.4.1.2, RFC 8446 §4.1.2, RFC 6101 §5.6.1.2), as far as a probe varies it.
public struct ClientHello: Hashable, Sendable {
    /// The highest version that it offers.
    public var version: ProtocolVersion
    /// Whether a hello for TLS 1.3 also offers TLS 1.2.
    public var alsoOffersTLS12 = false
    /// The suites in the client's order, signals among them.
    public var suites: [UInt16]
    /// The groups in the client's order.
    public var groups: [NamedGroup]
    /// What the server may sign with.
    public var signatureSchemes: [UInt16] = SignatureScheme.all
    /// Whether the certificates themselves may be signed with anything, even where the handshake may not (RFC 8446 §4.2.3).
    var takesAnyCertificate = false
    /// The name that is asked for; `nil` for a server that is known by its address.
    public var serverName: String?
    /// The methods of compression in the client's order; DEFLATE is 1, none is 0.
    public var compressions: [UInt8] = [0]
    /// The keys for TLS 1.3; none makes the server name the group that it wants.
    public var keys: KeyOffer?
    /// The names of protocols that a server may choose from (RFC 7301).
    public var applicationProtocols: [String] = []
    /// Whether nothing is said that older or simpler servers could stumble over.
    public var isBare = false

    /// The message with its header and without a record.
    ///
    /// - Parameters:
    ///   - random: 32 bytes that nobody can predict.
    ///   - session: A name for a session that does not exist; empty or 32 bytes.
    func message(random: [UInt8], session: [UInt8]) -> [UInt8] {
        var message: [UInt8] = [HandshakeKind.clientHello.rawValue]
        message.appendVector(lengthBytes: 3) { body in
            body.append(short: (version == .tls13 ? ProtocolVersion.tls12 : version).rawValue)
            body += random
            body.appendVector(lengthBytes: 1) { $0 += session }
            body.appendVector(lengthBytes: 2) { for suite in suites { $0.append(short: suite) } }
            body.appendVector(lengthBytes: 1) { $0 += compressions }
            guard version > .ssl3 else { return }
            body.appendVector(lengthBytes: 2) { writeExtensions(into: &$0) }
        }
        return message
    }

    /// The record that carries `message`.
    static func record(_ message: [UInt8], version: ProtocolVersion) -> [UInt8] {
        var record: [UInt8] = [RecordKind.handshake.rawValue]
        record.append(short: (version == .ssl3 ? ProtocolVersion.ssl3 : .tls10).rawValue)
        record.appendVector(lengthBytes: 2) { $0 += message }
        return record
    }

    private func writeExtensions(into list: inout [UInt8]) {
        if let serverName {
            list.add(.serverName) { body in
                body.appendVector(lengthBytes: 2) { names in
                    names.append(0)
                    names.appendVector(lengthBytes: 2) { $0 += Array(serverName.utf8) }
                }
            }
        }
        if !groups.isEmpty {
            list.add(.supportedGroups) { body in
                body.appendVector(lengthBytes: 2) { for group in groups { $0.append(short: group.value) } }
            }
            list.add(.pointFormats) { $0 += [1, 0] }
        }
        if version >= .tls12 {
            list.add(.signatureAlgorithms) { body in
                body.appendVector(lengthBytes: 2) { for scheme in signatureSchemes { $0.append(short: scheme) } }
            }
        }
        if takesAnyCertificate {
            list.add(.signatureAlgorithmsOfCertificates) { body in
                body.appendVector(lengthBytes: 2) { for scheme in SignatureScheme.all { $0.append(short: scheme) } }
            }
        }
        if version < .tls13 || alsoOffersTLS12 { list.add(.renegotiationInfo) { $0.append(0) } }
        guard !isBare else { return }
        if version < .tls13 || alsoOffersTLS12 {
            list.add(.extendedMasterSecret) { _ in }
            list.add(.sessionTicket) { _ in }
        }
        list.add(.statusRequest) { $0 += [1, 0, 0, 0, 0] }
        list.add(.certificateTimestamps) { _ in }
        if !applicationProtocols.isEmpty {
            list.add(.applicationProtocols) { body in
                body.appendVector(lengthBytes: 2) { names in
                    for name in applicationProtocols { names.appendVector(lengthBytes: 1) { $0 += Array(name.utf8) } }
                }
            }
        }
        if version == .tls13 { writeTLS13Extensions(into: &list) }
    }

    private func writeTLS13Extensions(into list: inout [UInt8]) {
        let versions: [ProtocolVersion] = alsoOffersTLS12 ? [.tls13, .tls12] : [.tls13]
        list.add(.supportedVersions) { body in
            body.appendVector(lengthBytes: 1) { for version in versions { $0.append(short: version.rawValue) } }
        }
        // Without a resumption to offer this says nothing, and some servers want it all the same (RFC 8446 §4.2.9).
        list.add(.pskModes) { $0 += [1, 1] }
        list.add(.keyShare) { body in
            body.appendVector(lengthBytes: 2) { shares in
                for share in keys?.shares ?? [] {
                    shares.append(short: share.group.value)
                    shares.appendVector(lengthBytes: 2) { $0 += share.publicKey }
                }
            }
        }
    }
}

/// The extensions that a probe writes or reads, by IANA's value.
enum HelloExtension: UInt16 {
    case serverName = 0
    case statusRequest = 5
    case supportedGroups = 10
    case pointFormats = 11
    case signatureAlgorithms = 13
    case applicationProtocols = 16
    case certificateTimestamps = 18
    case extendedMasterSecret = 23
    case sessionTicket = 35
    case supportedVersions = 43
    case pskModes = 45
    case signatureAlgorithmsOfCertificates = 50
    case keyShare = 51
    case renegotiationInfo = 0xFF01
}

extension [UInt8] {
    fileprivate mutating func add(_ kind: HelloExtension, _ write: (inout [UInt8]) -> Void) {
        append(short: kind.rawValue)
        appendVector(lengthBytes: 2, write)
    }
}
