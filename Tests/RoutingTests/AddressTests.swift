import Identity
import Routing
import Testing

/// Which routes an address has, whatever the method.
@Suite struct AddressTests {
    private static let routes = [
        route(.get, "/reviews/{review}"), route(.post, "/reviews/rhythm"), route(.get, "/reviews"),
        route(.post, "/reviews"),
    ]

    private static func route(_ method: Route.Method, _ path: String) -> Route {
        Route(
            method, path, name: "\(method) \(path)", summary: "", permission: .readPeople, scope: .organisation,
            audience: .program, parameters: path.contains("{") ? [.path("review", "")] : [], response: .redirect
        ) { _ in .seeOther("/") }
    }

    @Test(
        "what is spelt out is not taken for a parameter",
        arguments: [
            ("/reviews/rhythm", ["post /reviews/rhythm"]), ("/reviews/7", ["get /reviews/{review}"]),
            ("/reviews", ["get /reviews", "post /reviews"]), ("/nowhere", []),
        ])
    func spelling(address: String, names: [String]) {
        #expect(Route.routes(of: address, among: Self.routes).map(\.name) == names)
    }
}
