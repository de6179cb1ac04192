import Foundation
import Kernel
import Testing

@testable import OpenIDConnect

@Suite("What goes to the provider and comes back from it is tied to one browser and one moment")
struct AuthorizationTests {
    private static func fields(_ text: String) -> [String: String] {
        let items = URLComponents(string: text)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    @Test("the browser is sent with state, nonce and the hash of the verifier, and without the verifier")
    func request() throws {
        // The verifier and its hash of RFC 7636, appendix B.
        let request = AuthorizationRequest(
            state: "a&b", nonce: "n", verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        let address = request.address(at: try Provider.metadata(), as: Provider.client)
        #expect(address.hasPrefix("https://login.example/authorize?"))
        #expect(
            Self.fields(address) == [
                "response_type": "code", "client_id": "vouchsafe", "redirect_uri": Provider.client.returnAddress,
                "scope": "openid", "state": "a&b", "nonce": "n",
                "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
            ])
        #expect(!address.contains(request.verifier))
    }

    @Test("a new sign-in is demanded in both ways that there are")
    func newSignIn() throws {
        let request = AuthorizationRequest(state: "s", nonce: "n", verifier: "v", demandsNewSignIn: true)
        let fields = Self.fields(request.address(at: try Provider.metadata(), as: Provider.client))
        #expect(fields["prompt"] == "login")
        #expect(fields["max_age"] == "0")
    }

    @Test("an endpoint with a query of its own keeps it")
    func ownQuery() throws {
        let metadata = try Provider.metadata(["authorization_endpoint": "https://login.example/authorize?tenant=a"])
        let address = Provider.request.address(at: metadata, as: Provider.client)
        #expect(address.hasPrefix("https://login.example/authorize?tenant=a&response_type=code"))
    }

    @Test(
        "only an answer to this question is taken",
        arguments: [
            (["state": "the state", "code": "c"], nil),
            (["state": "the state", "code": "c", "iss": "https://login.example"], nil),
            (["code": "c"], "state"), (["state": "", "code": "c"], "state"),
            (["state": "The state", "code": "c"], "state"),
            (["state": "another", "error": "access_denied"], "state"),
            (["state": "the state", "code": "c", "iss": "https://other.example"], "mixed"),
            (["state": "the state", "error": "access_denied", "iss": "https://other.example"], "mixed"),
            (["state": "the state"], "answer"), (["state": "the state", "code": ""], "answer"),
            (["state": "the state", "code": String(repeating: "c", count: 4097)], "answer"),
            (["state": "the state", "error": "access_denied"], "denied"),
            (["state": "the state", "error": "login_required", "code": "c"], "denied"),
            (["state": "the state", "error": "temporarily_unavailable"], "unavailable"),
            (["state": "the state", "error": "invalid_request"], "refused"),
            (["state": "the state", "error": "<script>"], "refused"),
        ] as [([String: String], String?)])
    func answers(_ query: [String: String], expected: String?) async throws {
        let metadata = try Provider.metadata()
        #expect(await refusal { _ = try Provider.request.code(in: query, from: metadata) } == expected)
    }

    @Test("a provider that always names itself must do so")
    func namesItself() async throws {
        let metadata = try Provider.metadata(["authorization_response_iss_parameter_supported": true])
        let query = ["state": "the state", "code": "c"]
        #expect(await refusal { _ = try Provider.request.code(in: query, from: metadata) } == "mixed")
    }

    @Test("a secret is shown as the provider wants it, each half escaped")
    func clientAuthentication() throws {
        let client = Client(id: "a:b", secret: "p%/ß", returnAddress: Provider.client.returnAddress)
        let basic = TokenRequest(exchanging: "c d", of: Provider.request, at: try Provider.metadata(), as: client)
        #expect(basic.authorization == "Basic \(Data("a%3Ab:p%25%2F%C3%9F".utf8).base64EncodedString())")
        let body = String(decoding: basic.body, as: UTF8.self)
        #expect(body.contains("code=c%20d&"))
        #expect(body.contains("code_verifier=\(Provider.request.verifier)"))
        #expect(!body.contains("client_secret"))
        let onlyPost = try Provider.metadata(["token_endpoint_auth_methods_supported": ["client_secret_post"]])
        let post = TokenRequest(exchanging: "c", of: Provider.request, at: onlyPost, as: client)
        #expect(post.authorization == nil)
        #expect(String(decoding: post.body, as: UTF8.self).hasSuffix("&client_id=a%3Ab&client_secret=p%25%2F%C3%9F"))
        let open = Client(id: "a", secret: nil, returnAddress: Provider.client.returnAddress)
        let without = TokenRequest(exchanging: "c", of: Provider.request, at: try Provider.metadata(), as: open)
        #expect(without.authorization == nil)
        #expect(String(decoding: without.body, as: UTF8.self).hasSuffix("&client_id=a"))
    }

    @Test(
        "the answer to the exchange holds a token or says what is wrong",
        arguments: [
            (200, #"{"id_token":"a.b.c","access_token":"x"}"#, nil), (200, #"{"access_token":"x"}"#, "answer"),
            (200, "<html>", "answer"), (200, #"{"id_token":"a","id_token":"b"}"#, "answer"),
            (400, #"{"error":"invalid_grant"}"#, "exchange"), (401, #"{"error":"invalid_client"}"#, "exchange"),
            (500, "", "exchange"), (302, #"{"id_token":"a.b.c"}"#, "exchange"),
        ] as [(Int, String, String?)])
    func exchange(_ status: Int, _ body: String, expected: String?) async {
        #expect(await refusal { _ = try TokenRequest.idToken(status: status, body: Array(body.utf8)) } == expected)
    }
}
