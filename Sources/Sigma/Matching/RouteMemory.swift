/// Remembers the routes of the log sources that a thread has met, by the bytes in which events name them.
struct RouteMemory {
    private var lastBytes: [UInt8] = []
    private var lastRoute: Route?
    private var routes: [[UInt8]: Route] = [:]

    private static let limit = 4096

    mutating func route(
        for source: (bytes: UnsafePointer<UInt8>, count: Int)?, in rules: CompiledRules
    ) -> Route {
        guard let source else {
            return known([]) { rules.route(for: LogSource()) }
        }
        if let lastRoute, lastBytes.count == source.count,
            lastBytes.withUnsafeBufferPointer({ Bytes.equal($0.baseAddress ?? source.bytes, source.bytes, source.count) })
        {
            return lastRoute
        }
        let bytes = Array(UnsafeBufferPointer(start: source.bytes, count: source.count))
        let route = known(bytes) { rules.route(for: LogSourceText.read(bytes)) }
        lastBytes = bytes
        lastRoute = route
        return route
    }

    private mutating func known(_ bytes: [UInt8], _ make: () -> Route) -> Route {
        if let route = routes[bytes] { return route }
        let route = make()
        if routes.count < Self.limit { routes[bytes] = route }
        return route
    }
}
