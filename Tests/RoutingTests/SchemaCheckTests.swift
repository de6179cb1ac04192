import Foundation
import Identity
import Kernel
import Testing

@testable import Routing

@Suite struct SchemaCheckTests {
    private static let schema = Schema.object(
        "Request",
        [
            Schema.Field("reason", .string()), Schema.Field("days", .integer(minimum: 1, maximum: 9), optional: true),
            Schema.Field("kind", .choice(["a", "b"]), optional: true),
            Schema.Field("inner", .object("Inner", [Schema.Field("flag", .boolean)]), optional: true),
            Schema.Field("list", .array(.nullable(.number)), optional: true),
            Schema.Field("names", .map(.string()), optional: true),
        ])

    private func mismatch(_ json: String) throws -> String? {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)).mismatch(with: Self.schema, at: "").map {
            $0.place.isEmpty ? "(body)" : $0.place
        }
    }

    @Test(arguments: [
        #"{"reason":""}"#,
        #"{"reason":"x","days":9,"kind":"b","inner":{"flag":true},"list":[1,null],"names":{"x":"y"}}"#,
    ])
    func whatTheDocumentAllowsPasses(json: String) throws { #expect(try mismatch(json) == nil) }

    @Test(arguments: [
        ("{}", "reason"), ("[]", "(body)"), ("null", "(body)"), (#"{"reason":1}"#, "reason"),
        (#"{"reason":null}"#, "reason"), (#"{"reason":"x","other":1}"#, "(body)"),
        (#"{"reason":"x","days":0}"#, "days"),
        (#"{"reason":"x","days":1.5}"#, "days"), (#"{"reason":"x","days":"1"}"#, "days"),
        (#"{"reason":"x","days":true}"#, "days"), (#"{"reason":"x","kind":"c"}"#, "kind"),
        (#"{"reason":"x","inner":{"flag":1}}"#, "inner.flag"), (#"{"reason":"x","list":[1,"2"]}"#, "list[1]"),
        (#"{"reason":"x","names":{"n":1}}"#, "names.n"),
    ])
    func whatItDoesNotIsRefusedByItsPlace(json: String, place: String) throws {
        #expect(try mismatch(json) == place)
    }

    @Test(arguments: [
        ("/a/{x}", "/a/b", true), ("/a/{x}", "/a", false), ("/a/{x}", "/a/b/c", false), ("/a/{x}", "/b/b", false),
        ("/", "/", true), ("/", "/a", false),
    ])
    func aRouteFitsItsOwnAddresses(path: String, address: String, fits: Bool) {
        let route = Route(
            .get, path, name: "x", summary: "x", permission: .readPublications, scope: .none, audience: .program,
            response: .redirect
        ) { _ in .seeOther("/") }
        #expect(route.fits(address) == fits)
    }

    @Test func aRouteWithARestFitsWhateverIsLeft() {
        let route = Route(
            .get, "/tile/{rest}", name: "x", summary: "x", permission: .readPublications, scope: .none,
            audience: .program, parameters: [.rest("rest", "x")], response: .redirect
        ) { _ in .seeOther("/") }
        #expect(route.fits("/tile/0/x001/067") && route.fits("/tile/0") && !route.fits("/tile"))
    }
}
