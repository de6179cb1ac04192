import Foundation
import Kernel

/// The exchange of a code for the token that says who somebody is.
public struct TokenRequest: Hashable, Sendable {
    /// Where it is sent to.
    public let address: String
    /// The form.
    public let body: [UInt8]
    /// What stands in `Authorization`, if anything.
    public let authorization: String?

    /// The exchange of `code`, which `request` brought back.
    public init(
        exchanging code: String, of request: AuthorizationRequest, at provider: ProviderMetadata, as client: Client
    ) {
        var fields = [
            (name: "grant_type", value: "authorization_code"), (name: "code", value: code),
            (name: "redirect_uri", value: client.returnAddress), (name: "code_verifier", value: request.verifier),
        ]
        switch (client.secret, provider.clientAuthentication) {
        case (let secret?, .basic):
            // Both are escaped before they are joined (RFC 6749 §2.3.1): a colon in the id would end it otherwise.
            let pair = "\(FormEncoding.escaped(client.id)):\(FormEncoding.escaped(secret))"
            authorization = "Basic \(Data(pair.utf8).base64EncodedString())"
        case (let secret?, .post):
            authorization = nil
            fields += [(name: "client_id", value: client.id), (name: "client_secret", value: secret)]
        case (nil, _):
            authorization = nil
            fields.append((name: "client_id", value: client.id))
        }
        address = provider.tokenEndpoint
        body = Array(FormEncoding.text(fields).utf8)
    }

    /// The ID token in the provider's answer. Its other tokens are not kept: nothing is asked of the provider afterwards.
    ///
    /// - Throws: `Problem` `identity-provider.exchange` for its errors, `.answer` for what cannot be read.
    public static func idToken(status: Int, body: [UInt8]) throws -> String {
        guard body.count <= ProviderMetadata.sizeLimit else { throw ProviderProblem.answer("It is too long.") }
        let members = try? JSONValue.members(of: body)
        guard status == 200 else {
            throw ProviderProblem.exchange(members?["error"]?.text ?? "status \(status)")
        }
        guard let members else { throw ProviderProblem.answer("It is no JSON object.") }
        guard let token = members["id_token"]?.text else { throw ProviderProblem.answer("It lacks an ID token.") }
        return token
    }
}
