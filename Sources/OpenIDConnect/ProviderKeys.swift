import JWTKit
import Kernel

/// The public keys of a provider (RFC 7517), those that can have signed what we take. Others are passed over, so that one
/// strange key makes none of the good ones unusable.
public struct ProviderKeys: Sendable {
    struct Key: Sendable {
        let name: String?
        let algorithms: Set<SignatureAlgorithm>
        let material: Material
    }

    enum Material: Sendable {
        case rsa(modulus: String, exponent: String)
        case point(curve: ECDSACurve, x: String, y: String)
        case edwards(x: String)
    }

    let keys: [Key]

    private static let most = 100

    /// How many can be used.
    public var count: Int { keys.count }

    /// - Throws: `Problem` `identity-provider.keys` if none remains.
    public init(reading bytes: [UInt8], of provider: ProviderMetadata) throws {
        guard bytes.count <= ProviderMetadata.sizeLimit else { throw ProviderProblem.keys("They fill over 256 KiB.") }
        let members: [String: JSONValue]
        do throws(JSONValue.Fault) {
            members = try JSONValue.members(of: bytes)
        } catch {
            throw ProviderProblem.keys("They are no JSON object: \(error.reason)")
        }
        guard let list = members["keys"]?.elements else { throw ProviderProblem.keys("There is no list of them.") }
        guard list.count <= Self.most else { throw ProviderProblem.keys("There are more than \(Self.most).") }
        keys = list.compactMap { value in
            guard case .object(let members) = value else { return nil }
            return Self.key(members, provider.algorithms)
        }
        guard !keys.isEmpty else { throw ProviderProblem.keys("None of them can sign in a way that is accepted here.") }
    }

    /// A key with every algorithm that the provider may use it for: its own, or where it names none, all that the provider
    /// offers for keys of its kind. What a token claims has no say in it.
    private static func key(_ members: [String: JSONValue], _ offered: Set<SignatureAlgorithm>) -> Key? {
        guard members["use"] == nil || members["use"] == .text("sig") else { return nil }
        if let uses = members["key_ops"] {
            guard let uses = uses.texts, uses.contains("verify") else { return nil }
        }
        // Whoever publishes the private half has no key.
        guard members["d"] == nil, let kind = members["kty"]?.text, let material = material(members, kind) else {
            return nil
        }
        var fitting = offered.filter { $0.key.kind == kind && $0.key.curve == members["crv"]?.text }
        if let own = members["alg"] {
            guard let own = own.text.flatMap(SignatureAlgorithm.init) else { return nil }
            fitting.formIntersection([own])
        }
        guard !fitting.isEmpty else { return nil }
        let name: String?
        switch members["kid"] {
        case nil: name = nil
        case .text(let text): name = text
        default: return nil
        }
        return Key(name: name, algorithms: fitting, material: material)
    }

    private static func material(_ members: [String: JSONValue], _ kind: String) -> Material? {
        switch kind {
        case "RSA":
            guard members["crv"] == nil, let modulus = members["n"]?.text, let exponent = members["e"]?.text,
                let bytes = Base64URL.bytes(modulus), let first = bytes.first, first != 0,
                // Smaller ones can be broken, larger ones are only a way to keep the server busy.
                (2048...8192).contains(bytes.count * 8 - first.leadingZeroBitCount),
                // Others bring small-exponent forgeries or long calculations.
                exponent == "AQAB"
            else { return nil }
            return .rsa(modulus: modulus, exponent: exponent)
        case "EC":
            guard let curve = members["crv"]?.text.flatMap(ECDSACurve.init), let x = members["x"]?.text,
                let y = members["y"]?.text
            else { return nil }
            return .point(curve: curve, x: x, y: y)
        case "OKP":
            guard members["crv"] == .text("Ed25519"), let x = members["x"]?.text else { return nil }
            return .edwards(x: x)
        default: return nil
        }
    }

    /// Whether one of the keys that are meant made `signature`.
    ///
    /// - Parameter name: The key's name as the token gives it. Without one it must be clear which key is meant.
    /// - Throws: `Problem` `identity-provider.unknown-key` if none is meant.
    func verify(
        _ signature: [UInt8], over message: [UInt8], by algorithm: SignatureAlgorithm, named name: String?
    ) async throws -> Bool {
        let fitting = keys.filter { $0.algorithms.contains(algorithm) && (name == nil || $0.name == name) }
        guard !fitting.isEmpty, name != nil || fitting.count == 1 else { throw ProviderProblem.unknownKey }
        for key in fitting where try await key.verifies(signature, over: message, by: algorithm) { return true }
        return false
    }
}

extension ProviderKeys.Key {
    /// Asks the library with a collection of this one key and this one algorithm. In a larger one a token's header chooses the
    /// key, an unknown name means the first key, and the first header seen pins the algorithm of a key that has none.
    fileprivate func verifies(
        _ signature: [UInt8], over message: [UInt8], by algorithm: SignatureAlgorithm
    ) async throws -> Bool {
        let collection = JWTKeyCollection()
        // A point that is not on its curve is found here.
        guard let named = JWK.Algorithm(rawValue: algorithm.rawValue),
            (try? await collection.add(jwk: jwk(for: named))) != nil,
            let verifier = try? await collection.getKey()
        else { return false }
        return (try? verifier.verify(signature, signs: message)) ?? false
    }

    private func jwk(for algorithm: JWK.Algorithm) -> JWK {
        let only = JWKIdentifier(string: "only")
        return switch material {
        case .rsa(let modulus, let exponent):
            .rsa(algorithm, identifier: only, modulus: modulus, exponent: exponent)
        case .point(let curve, let x, let y):
            .ecdsa(algorithm, identifier: only, x: x, y: y, curve: curve)
        case .edwards(let x):
            .octetKeyPair(algorithm, identifier: only, x: x, y: nil, curve: .ed25519)
        }
    }
}
