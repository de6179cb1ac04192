/// Remembers the routes of the log sources that a thread has met, by the bytes in which events name them, and counts events.
struct RouteMemory {
    private struct Entry {
        let name: String
        let route: Route
        var events = 0
    }

    private var entries: [Entry] = []
    private var places: [[UInt8]: Int] = [:]
    private var lastBytes: [UInt8] = []
    private var lastPlace = -1

    private static let limit = 4096

    /// What was met: a log source, how many events, and how many rules are for it.
    var sources: [(name: String, events: Int, applicable: Int)] {
        entries.map { ($0.name, $0.events, $0.route.count) }
    }

    /// A memory of the one route that all events take.
    mutating func settle(on route: Route, name: String) {
        entries = [Entry(name: name, route: route)]
        lastPlace = 0
    }

    /// Counts an event whose route is settled.
    mutating func count() { entries[0].events += 1 }

    /// The route of an event, which is counted.
    mutating func route(
        for source: (bytes: UnsafePointer<UInt8>, count: Int)?, in rules: CompiledRules
    ) -> Route {
        if let source, lastPlace >= 0, lastBytes.count == source.count,
            lastBytes.withUnsafeBufferPointer({
                Bytes.equal($0.baseAddress ?? source.bytes, source.bytes, source.count)
            })
        {
            entries[lastPlace].events += 1
            return entries[lastPlace].route
        }
        let bytes = source.map { Array(UnsafeBufferPointer(start: $0.bytes, count: $0.count)) } ?? []
        let place: Int
        if let known = places[bytes] {
            place = known
        } else {
            let source = LogSourceText.read(bytes)
            // Who invents log sources does not fill the memory: what is too much is counted together, and found anew.
            if entries.count >= Self.limit { return rules.route(for: source) }
            place = entries.count
            entries.append(Entry(name: source.description, route: rules.route(for: source)))
            places[bytes] = place
        }
        entries[place].events += 1
        (lastBytes, lastPlace) = (bytes, place)
        return entries[place].route
    }
}
