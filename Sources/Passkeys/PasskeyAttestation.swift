import Kernel

/// What stands behind a new passkey. Nothing here is trusted for more than it says: where attestation is missing it must not
/// hinder (NIST SP 800-63B-4), so it decides nothing.
public enum PasskeyAttestation: Hashable, Sendable {
    /// The browser sent none, as it was asked.
    case none
    /// The passkey signed its own making.
    case selfSigned
    /// A maker's statement in this format; it was not checked.
    case unchecked(format: String)
}

/// The attestation object of a registration (WebAuthn §6.5.4), taken apart.
struct AttestationObject {
    let format: String
    let statement: CBORValue
    /// The bytes that are signed.
    let authenticatorData: [UInt8]

    private static let field = "response.attestationObject"

    /// - Throws: `Problem` `passkey.form`.
    init(_ bytes: [UInt8]) throws {
        let object: CBORValue
        do throws(CBORReader.Fault) {
            object = try CBORReader.value(bytes[...])
        } catch {
            throw PasskeyProblem.cbor(Self.field, error)
        }
        guard let format = object["fmt"]?.text, let statement = object["attStmt"], statement.keys != nil,
            let data = object["authData"]?.bytes, object.keys?.count == 3
        else { throw PasskeyProblem.form(Self.field, "The attestation does not consist of its three parts.") }
        // Formats are registered names of at most 32 printable characters (RFC 8809 §2.1.1).
        guard (1...32).contains(format.utf8.count), format.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw PasskeyProblem.form(Self.field, "The attestation's format has no proper name.")
        }
        self.format = format
        self.statement = statement
        authenticatorData = data
    }

    /// Checks what can be checked without trusting anybody.
    ///
    /// - Throws: `Problem` `passkey.attestation` if a passkey's own signature does not hold.
    func judged(by key: PasskeyPublicKey, clientDataHash: [UInt8]) throws -> PasskeyAttestation {
        switch format {
        case "none":
            guard statement.keys?.isEmpty == true else {
                throw PasskeyProblem.form(Self.field, "An attestation that says it is none states something.")
            }
            return .none
        case "packed" where statement["x5c"] == nil:
            guard statement["alg"]?.integer == key.algorithm.rawValue, let signature = statement["sig"]?.bytes,
                statement.keys?.count == 2, key.verifies(signature, over: authenticatorData + clientDataHash)
            else { throw PasskeyProblem.attestation }
            return .selfSigned
        default: return .unchecked(format: format)
        }
    }
}
