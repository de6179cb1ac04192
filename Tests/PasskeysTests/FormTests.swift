import Foundation
import Kernel
import TestSupport
import Testing

@testable import Passkeys

/// The forms in which questions and answers travel.
struct FormTests {
    private static let beginning = #"{"type":"webauthn.get","challenge":"AQID","origin":"https://a.example""#

    @Test(
        "client data that say the same",
        arguments: [
            "}", " } ", #","crossOrigin":false}"#, #","extra":{"a":[1,-2.5e+3,null,true,"\u00e9\ud83d\ude00"]}}"#,
            ",\n\t\"tokenBinding\" : {\"status\":\"supported\"}\r\n}", #","":0}"#,
        ])
    func clientData(end: String) throws {
        let data = try ClientData(Array((Self.beginning + end).utf8))
        #expect(data.type == "webauthn.get" && data.challenge == [1, 2, 3] && data.origin == "https://a.example")
        #expect(!data.isCrossOrigin)
    }

    @Test func escapesAreRead() throws {
        let text = #"{"t\u0079pe":"\u0061\/\"\\\b\f\n\r\t","challenge":"","origin":"\uD83D\uDE00"}"#
        let data = try ClientData(Array(text.utf8))
        #expect(data.type == "a/\"\\\u{8}\u{C}\n\r\t" && data.challenge == [] && data.origin == "😀")
    }

    @Test(
        "client data that are refused",
        arguments: [
            "", "[]", "null", "{}", #"{"type":"a","challenge":"AQID"}"#, #"{"type":1,"challenge":"AQID","origin":"a"}"#,
            beginning, beginning + "}x", beginning + "},", beginning + ",}", beginning + #","a"}"#,
            beginning + #","a":}"#, beginning + #","a":01}"#, beginning + #","a":1.}"#, beginning + #","a":.5}"#,
            beginning + #","a":+1}"#, beginning + #","a":tru}"#, beginning + #","a":NaN}"#, beginning + #","a":[1,]}"#,
            beginning + #","a":"\x"}"#, beginning + #","a":"\ud800"}"#, beginning + #","a":"\udc00"}"#,
            beginning + #","a":"\ud800\u0041"}"#, beginning + #","a":"\u12"}"#, beginning + ",\"a\":\"\n\"}",
            beginning + #","a":1,"a":1}"#, beginning + #","a":1,"\u0061":1}"#, beginning + #","origin":"b"}"#,
            beginning + #","a":{"b":1,"b":2}}"#, beginning + ",'a':1}", beginning + #","crossOrigin":0}"#,
            beginning + #","a":\#(String(repeating: "[", count: 1000))"#,
            beginning + #","a":[[[[[[[[[]]]]]]]]]}"#, "\u{FEFF}" + beginning + "}",
            #"{"type":"a","challenge":"AQI=","origin":"a"}"#, #"{"type":"a","challenge":"A+/D","origin":"a"}"#,
        ])
    func clientDataRefused(text: String) {
        #expect(code { _ = try ClientData(Array(text.utf8)) } == "passkey.form")
    }

    @Test func clientDataMustBeUTF8() {
        let bytes = Array(Self.beginning.utf8) + Array(#","a":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(code { _ = try ClientData(bytes) } == "passkey.form")
    }

    @Test func base64URLHasOneSpelling() throws {
        // RFC 4648 §10, without padding.
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
            #expect(Base64URL.text(Array(bytes.utf8)) == text)
            #expect(Base64URL.bytes(text) == Array(bytes.utf8))
        }
        #expect(Base64URL.text([0xFB, 0xFF]) == "-_8")
        for text in ["Z", "Zh", "Zm9", "Zg==", "Zm9vY", "Z g", "+/8", "Zm9vYh", "é"] {
            #expect(Base64URL.bytes(text) == nil, "\(text)")
        }
        let random = seededRandomness(1)
        for count in 0..<200 {
            let bytes = random.bytes(count)
            #expect(Base64URL.bytes(Base64URL.text(bytes)) == bytes)
        }
    }

    @Test func aBrowsersAnswersAreDecoded() throws {
        let creation = #"""
            {"id":"AQID","rawId":"AQID","type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},
            "response":{"clientDataJSON":"e30","attestationObject":"oA","transports":["usb","internal","usb","<b>"],
            "publicKeyAlgorithm":-7,"authenticatorData":"AA"}}
            """#
        #expect(
            try decode(PasskeyCreationResponse.self, creation)
                == PasskeyCreationResponse(
                    credentialID: [1, 2, 3], clientData: Array("{}".utf8), attestationObject: [0xA0],
                    transports: ["internal", "usb"]))
        let request = #"""
            {"id":"AQID","rawId":"AQID","type":"public-key","clientExtensionResults":{},
            "response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AQ","userHandle":null}}
            """#
        #expect(
            try decode(PasskeyRequestResponse.self, request)
                == PasskeyRequestResponse(
                    credentialID: [1, 2, 3], clientData: Array("{}".utf8), authenticatorData: [0], signature: [1]))
        for (old, new) in [
            (#""rawId":"AQID""#, #""rawId":"AQIE""#), ("public-key", "password"), ("e30", "e30="), ("\"AQ\"", "\"+w\""),
            (#""id":"AQID","rawId":"AQID""#, #""id":"","rawId":"""#),
        ] {
            let spoilt = request.replacingOccurrences(of: old, with: new)
            #expect(spoilt != request)
            #expect(code { _ = try decode(PasskeyRequestResponse.self, spoilt) } == "passkey.form", "\(new)")
        }
    }

    @Test func aQuestionForANewPasskey() throws {
        let options = PasskeyCreationOptions(
            relyingParty: "vouchsafe.example", service: "Vouchsafe", userHandle: [1, 2, 3], name: "ada@example.org",
            displayName: "Ada Lovelace", challenge: [0xFF, 0xFE], existing: [Self.passkey],
            userVerification: .preferred)
        #expect(
            try encode(options) == #"""
                {"attestation":"none","authenticatorSelection":{"requireResidentKey":false,"residentKey":"preferred",\#
                "userVerification":"preferred"},"challenge":"__4","excludeCredentials":[{"id":"CQ","transports":["usb"],\#
                "type":"public-key"}],"pubKeyCredParams":[{"alg":-8,"type":"public-key"},{"alg":-7,"type":"public-key"},\#
                {"alg":-257,"type":"public-key"}],"rp":{"id":"vouchsafe.example","name":"Vouchsafe"},"timeout":300000,\#
                "user":{"displayName":"Ada Lovelace","id":"AQID","name":"ada@example.org"}}
                """#)
    }

    @Test func aQuestionForAPasskey() throws {
        let options = PasskeyRequestOptions(
            relyingParty: "vouchsafe.example", challenge: [1], allowed: [Self.passkey], userVerification: .required)
        #expect(
            try encode(options) == #"""
                {"allowCredentials":[{"id":"CQ","transports":["usb"],"type":"public-key"}],"challenge":"AQ",\#
                "rpId":"vouchsafe.example","timeout":300000,"userVerification":"required"}
                """#)
        #expect(PasskeyOptions.challenge(randomness: .system).count == 32)
        #expect(PasskeyOptions.userHandle(randomness: .system).count == 64)
    }

    private static let passkey = Passkey(
        credentialID: [9], publicKey: [], algorithm: .es256, counter: 0, isBackupEligible: false, isBackedUp: false,
        transports: ["usb"])

    private func decode<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
