import Crypto
import CryptoExtras
import Foundation
import Kernel

/// How a passkey signs, by its number in COSE (RFC 9053).
public enum PasskeyAlgorithm: Int64, Hashable, Codable, Sendable, CaseIterable {
    /// Ed25519.
    case edDSA = -8
    /// ECDSA on P-256 with SHA-256.
    case es256 = -7
    /// RSA PKCS #1 v1.5 with SHA-256, as Windows Hello on a TPM signs.
    case rs256 = -257
}

/// The public key of a passkey (`credentialPublicKey`, a COSE key by RFC 9052 §7), ready to check signatures.
struct PasskeyPublicKey: Sendable {
    let algorithm: PasskeyAlgorithm
    private let material: Material

    private enum Material: Sendable {
        case edDSA(Curve25519.Signing.PublicKey)
        case es256(P256.Signing.PublicKey)
        case rs256(_RSA.Signing.PublicKey)
    }

    /// Labels of COSE's parameters, common ones and those of a kind of key.
    private enum Label {
        static let kind: Int64 = 1
        static let algorithm: Int64 = 3
        static let curve: Int64 = -1
        static let x: Int64 = -2
        static let y: Int64 = -3
        static let modulus: Int64 = -1
        static let exponent: Int64 = -2
    }

    private static let field = "response.attestationObject"

    /// - Throws: `Problem` `passkey.form`, `passkey.algorithm` or `passkey.key`.
    init(_ encoded: [UInt8]) throws {
        let key: CBORValue
        do throws(CBORReader.Fault) {
            key = try CBORReader.value(encoded[...])
        } catch {
            throw PasskeyProblem.cbor(Self.field, error)
        }
        guard let kind = key[Label.kind]?.integer, let number = key[Label.algorithm]?.integer else {
            throw PasskeyProblem.form(Self.field, "The public key does not say its kind and its algorithm.")
        }
        guard let algorithm = PasskeyAlgorithm(rawValue: number) else { throw PasskeyProblem.algorithm(number) }
        self.algorithm = algorithm
        material =
            switch algorithm {
            case .edDSA: try Self.edDSA(key, kind: kind)
            case .es256: try Self.es256(key, kind: kind)
            case .rs256: try Self.rs256(key, kind: kind)
            }
    }

    /// Whether `signature` is this key's over `message`.
    func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        switch material {
        case .edDSA(let key): return key.isValidSignature(signature, for: message)
        case .es256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: message)
        case .rs256(let key):
            // The only padding that COSE's RS256 has (RFC 8812 §2).
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: Data(signature)), for: message, padding: .insecurePKCS1v1_5
            )
        }
    }

    private static func edDSA(_ key: CBORValue, kind: Int64) throws -> Material {
        guard kind == 1, key[Label.curve]?.integer == 6, let x = key[Label.x]?.bytes, x.count == 32,
            has(key, only: [Label.kind, Label.algorithm, Label.curve, Label.x]),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x)
        else { throw PasskeyProblem.key("It is no Ed25519 key.") }
        return .edDSA(key)
    }

    private static func es256(_ key: CBORValue, kind: Int64) throws -> Material {
        // Both coordinates are demanded (WebAuthn §5.8.5), so that nothing has to be decompressed; the library checks that the
        // point lies on the curve.
        guard kind == 2, key[Label.curve]?.integer == 1, let x = key[Label.x]?.bytes, x.count == 32,
            let y = key[Label.y]?.bytes, y.count == 32,
            has(key, only: [Label.kind, Label.algorithm, Label.curve, Label.x, Label.y]),
            let key = try? P256.Signing.PublicKey(x963Representation: [4] + x + y)
        else { throw PasskeyProblem.key("It is no uncompressed point of P-256.") }
        return .es256(key)
    }

    private static func rs256(_ key: CBORValue, kind: Int64) throws -> Material {
        guard kind == 3, let modulus = key[Label.modulus]?.bytes, let exponent = key[Label.exponent]?.bytes,
            has(key, only: [Label.kind, Label.algorithm, Label.modulus, Label.exponent]), let first = modulus.first,
            let last = modulus.last, first != 0, !last.isMultiple(of: 2)
        else { throw PasskeyProblem.key("It is no RSA key.") }
        // Smaller ones can be broken, larger ones are only a way to keep the server busy.
        let bits = modulus.count * 8 - first.leadingZeroBitCount
        guard (2048...4096).contains(bits) else {
            throw PasskeyProblem.key("Its modulus has \(bits) bits instead of 2048 to 4096.")
        }
        // Every authenticator uses 65537; others bring small-exponent forgeries or long calculations.
        guard exponent == [1, 0, 1], let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else {
            throw PasskeyProblem.key("Its exponent is not 65537.")
        }
        return .rs256(key)
    }

    /// Nothing optional may stand in a credential's key (WebAuthn §6.5.1).
    private static func has(_ key: CBORValue, only labels: Set<Int64>) -> Bool {
        guard let keys = key.keys else { return false }
        return keys.count == labels.count && keys.allSatisfy { $0.integer.map(labels.contains) ?? false }
    }
}
