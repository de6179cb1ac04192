import Foundation
import Kernel
import Testing

@testable import OpenIDConnect

@Suite("A provider's description is believed only about itself, and only over safe addresses")
struct ProviderMetadataTests {
    @Test(
        "an issuer is an https address and nothing more",
        arguments: [
            ("https://login.example", true), ("https://login.example/realms/main", true),
            ("https://login.example:8443/", true), ("http://login.example", false), ("http://localhost:9000", false),
            ("https://login.example?x=1", false), ("https://login.example#a", false),
            ("https://me:secret@login.example", false), ("ftp://login.example", false), ("login.example", false),
            ("https://", false), ("", false), ("https://login.example/a b", false), ("https://lögin.example", false),
        ])
    func issuers(_ text: String, isGood: Bool) async {
        let refused = await refusal { _ = try Issuer(text, rule: .secure) }
        #expect(refused == (isGood ? nil : "address issuer"))
    }

    @Test("plain http is for this machine itself, and only where it is allowed")
    func loopback() async {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            #expect(await refusal { _ = try Issuer("http://\(host):9000", rule: .secureOrLoopback) } == nil, "\(host)")
        }
        for host in ["login.example", "127.0.0.1.example", "localhost.example", "10.0.0.1"] {
            #expect(
                await refusal { _ = try Issuer("http://\(host)", rule: .secureOrLoopback) } == "address issuer",
                "\(host)")
        }
    }

    @Test("a description is asked for beside the issuer's own path")
    func address() throws {
        #expect(
            try Issuer("https://login.example/realms/main", rule: .secure).metadataAddress
                == "https://login.example/realms/main/.well-known/openid-configuration")
        #expect(
            try Issuer("https://login.example/", rule: .secure).metadataAddress
                == "https://login.example/.well-known/openid-configuration")
    }

    @Test("a good one tells how the provider signs and wants to be asked")
    func good() throws {
        let metadata = try Provider.metadata()
        #expect(metadata.algorithms == [.rs256, .ps256, .es256, .edDSA])
        #expect(metadata.clientAuthentication == .basic)
        #expect(!metadata.namesItself)
    }

    @Test("a provider that describes another is refused, to the letter")
    func otherIssuer() async {
        for issuer in ["https://login.example/", "https://LOGIN.example", "https://other.example", ""] {
            #expect(await refusal { _ = try Provider.metadata(["issuer": issuer]) } == "metadata issuer")
        }
    }

    @Test(
        "an endpoint that is missing or not safe is named",
        arguments: ["authorization_endpoint", "token_endpoint", "jwks_uri"])
    func endpoints(_ name: String) async {
        #expect(await refusal { _ = try Provider.metadata([name: 5]) } == "metadata \(name)")
        for address in ["http://login.example/x", "javascript:alert(1)", "https://a:b@login.example/x", "/x"] {
            #expect(await refusal { _ = try Provider.metadata([name: address]) } == "address \(name)", "\(address)")
        }
    }

    @Test("what cannot be used is refused: no code flow, only shared secrets, no known way to show a secret")
    func unusable() async {
        #expect(
            await refusal { _ = try Provider.metadata(["response_types_supported": ["id_token"]]) }
                == "metadata response_types_supported")
        #expect(
            await refusal { _ = try Provider.metadata(["id_token_signing_alg_values_supported": ["HS256", "none"]]) }
                == "metadata id_token_signing_alg_values_supported")
        #expect(
            await refusal { _ = try Provider.metadata(["token_endpoint_auth_methods_supported": ["private_key_jwt"]]) }
                == "metadata token_endpoint_auth_methods_supported")
    }

    @Test("bytes that are no document are refused")
    func noDocument() async throws {
        let issuer = try Issuer(Provider.address, rule: .secure)
        for bytes in [Array("<html>".utf8), [0xFF], Array(repeating: 0x20, count: (256 << 10) + 1)] {
            #expect(
                await refusal { _ = try ProviderMetadata(reading: bytes, of: issuer, rule: .secure) }
                    == "metadata issuer")
        }
    }
}
