import Kernel

/// What the browser says it was asked and where (`CollectedClientData`, WebAuthn §5.8.1).
struct ClientData: Hashable, Sendable {
    /// `webauthn.create` or `webauthn.get`.
    let type: String
    let challenge: [UInt8]
    let origin: String
    /// Whether it was asked on a page inside a page of another origin.
    let isCrossOrigin: Bool

    /// The most bytes; browsers send a few hundred.
    static let longest = 8192

    /// Reads the browser's JSON: members that are not known are passed over, since browsers add some on purpose.
    ///
    /// - Throws: `Problem` `passkey.form`.
    init(_ bytes: [UInt8]) throws {
        guard bytes.count <= Self.longest else { throw Self.malformed("The client data are too long.") }
        let members: [String: JSONValue]
        do {
            members = try JSONValue.members(of: bytes)
        } catch {
            throw Self.malformed("The client data are no JSON object: \(error.reason)")
        }
        guard case .text(let type) = members["type"], case .text(let origin) = members["origin"],
            case .text(let text) = members["challenge"], let challenge = Base64URL.bytes(text)
        else { throw Self.malformed("The client data lack the type, the challenge or the origin.") }
        switch members["crossOrigin"] {
        case .none: isCrossOrigin = members["topOrigin"] != nil
        // A top origin is sent only from inside another page (§5.8.1), whatever the member before it says.
        case .boolean(let value): isCrossOrigin = value || members["topOrigin"] != nil
        default: throw Self.malformed("crossOrigin is neither true nor false.")
        }
        self.type = type
        self.challenge = challenge
        self.origin = origin
    }

    /// Checks what registration and sign-in check alike (§7.1 steps 7 to 11, §7.2 steps 10 to 14).
    func check(type expectedType: String, against expectation: PasskeyExpectation) throws {
        guard type == expectedType else { throw PasskeyProblem.type }
        guard constantTimeEquals(challenge, expectation.challenge) else { throw PasskeyProblem.challenge }
        guard expectation.origins.contains(origin) else { throw PasskeyProblem.origin(origin) }
        guard !isCrossOrigin else { throw PasskeyProblem.crossOrigin }
    }

    private static func malformed(_ reason: String) -> Problem {
        PasskeyProblem.form("response.clientDataJSON", reason)
    }
}
