import Crypto

/// The keys that a hello for TLS 1.3 offers, so that the server's encrypted certificate can be read.
///
/// They live for one connection, and nothing secret goes through it.
public struct KeyOffer: Hashable, Sendable {
    /// One key's public half as it stands in a hello.
    struct Share: Hashable, Sendable {
        let group: NamedGroup
        let publicKey: [UInt8]
        fileprivate let secret: [UInt8]
    }

    let shares: [Share]

    /// The groups for which there can be a key.
    static let known: [NamedGroup] = [.x25519, .secp256r1, .secp384r1, .secp521r1]

    /// Fresh keys for each of `groups` that is among ``known``.
    init(for groups: [NamedGroup]) {
        shares = groups.compactMap { group in
            switch group {
            case .x25519:
                let key = Curve25519.KeyAgreement.PrivateKey()
                return Share(
                    group: group, publicKey: Array(key.publicKey.rawRepresentation),
                    secret: Array(key.rawRepresentation))
            case .secp256r1:
                let key = P256.KeyAgreement.PrivateKey()
                return Share(
                    group: group, publicKey: Array(key.publicKey.x963Representation),
                    secret: Array(key.rawRepresentation))
            case .secp384r1:
                let key = P384.KeyAgreement.PrivateKey()
                return Share(
                    group: group, publicKey: Array(key.publicKey.x963Representation),
                    secret: Array(key.rawRepresentation))
            case .secp521r1:
                let key = P521.KeyAgreement.PrivateKey()
                return Share(
                    group: group, publicKey: Array(key.publicKey.x963Representation),
                    secret: Array(key.rawRepresentation))
            default: return nil
            }
        }
    }

    /// What both sides know together with the server's key (RFC 8446 §7.4); `nil` for a key that does not fit.
    func secret(with publicKey: [UInt8], of group: NamedGroup) -> [UInt8]? {
        guard let own = shares.first(where: { $0.group == group })?.secret else { return nil }
        // A key that a lying server sends is no point of the curve: then there is no secret, and no more to say.
        let secret: SharedSecret? =
            switch group {
            case .x25519:
                try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: own)
                    .sharedSecretFromKeyAgreement(with: .init(rawRepresentation: publicKey))
            case .secp256r1:
                try? P256.KeyAgreement.PrivateKey(rawRepresentation: own)
                    .sharedSecretFromKeyAgreement(with: .init(x963Representation: publicKey))
            case .secp384r1:
                try? P384.KeyAgreement.PrivateKey(rawRepresentation: own)
                    .sharedSecretFromKeyAgreement(with: .init(x963Representation: publicKey))
            case .secp521r1:
                try? P521.KeyAgreement.PrivateKey(rawRepresentation: own)
                    .sharedSecretFromKeyAgreement(with: .init(x963Representation: publicKey))
            default: nil
            }
        return secret?.withUnsafeBytes(Array.init)
    }
}
