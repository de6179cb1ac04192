/// Remembers the routes of the log sources that a thread has met, by the bytes in which events name them, and counts events.
struct RouteMemory {
    private struct Entry {
        let bytes: [UInt8]
        let hash: UInt64
        let name: String
        let route: Route
        var events = 0
    }

    private var entries: [Entry] = []
    /// The places of sources that are not named by bytes.
    private var known: [LogSource: Int] = [:]
    /// An open table of places in `entries`, by hash; -1 is free.
    private var table = [Int32](repeating: -1, count: 2 * Self.limit)

    /// A power of two.
    private static let limit = 4096
    /// The most bytes by which a source is named and remembered.
    private static let nameLimit = 1024

    /// What was met: a log source, how many events, and how many rules are for it.
    var sources: [(name: String, events: Int, applicable: Int)] {
        var places: [String: Int] = [:]
        var sources: [(name: String, events: Int, applicable: Int)] = []
        for entry in entries where entry.events > 0 {
            if let place = places[entry.name] {
                sources[place].events += entry.events
            } else {
                places[entry.name] = sources.count
                sources.append((entry.name, entry.events, entry.route.count))
            }
        }
        return sources
    }

    /// A memory of the one route that all events take.
    mutating func settle(on route: Route, name: String) {
        entries = [Entry(bytes: [], hash: 0, name: name, route: route)]
    }

    /// Counts an event whose route is settled.
    mutating func count() { entries[0].events += 1 }

    /// The route of an event, which is counted.
    mutating func route(
        for source: (bytes: UnsafePointer<UInt8>, count: Int)?, in rules: CompiledRules
    ) -> Route {
        let count = source?.count ?? 0
        let hash = source.map { Bytes.hash($0.bytes, $0.count) } ?? 0
        var slot = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[slot] >= 0 {
            let place = Int(table[slot])
            if entries[place].hash == hash, entries[place].bytes.count == count, isSame(place, source) {
                entries[place].events += 1
                return entries[place].route
            }
            slot = (slot + 1) & (table.count - 1)
        }
        let bytes = source.map { Array(UnsafeBufferPointer(start: $0.bytes, count: $0.count)) } ?? []
        let known = LogSourceText.read(bytes)
        let route = rules.route(for: known)
        // Who invents log sources does not fill the memory: what is too much is not counted, and found anew each time.
        guard entries.count < Self.limit, count <= Self.nameLimit else { return route }
        table[slot] = Int32(entries.count)
        entries.append(Entry(bytes: bytes, hash: hash, name: known.description, route: route, events: 1))
        return route
    }

    /// The route of an event whose log source is known otherwise; it is counted.
    mutating func route(for source: LogSource, in rules: CompiledRules) -> Route {
        if let place = known[source] {
            entries[place].events += 1
            return entries[place].route
        }
        let route = rules.route(for: source)
        guard entries.count < Self.limit else { return route }
        known[source] = entries.count
        entries.append(Entry(bytes: [], hash: 0, name: source.description, route: route, events: 1))
        return route
    }

    private func isSame(_ place: Int, _ source: (bytes: UnsafePointer<UInt8>, count: Int)?) -> Bool {
        guard let source else { return true }
        return entries[place].bytes.withUnsafeBufferPointer {
            Bytes.equal($0.baseAddress ?? source.bytes, source.bytes, source.count)
        }
    }
}
