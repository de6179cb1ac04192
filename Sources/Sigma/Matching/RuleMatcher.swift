/// Matches events against compiled rules, one after the other; each thread has its own.
///
/// An event takes one way: its values are read where they stand, those that rules ask for are folded and scanned once, which
/// sets atoms; atoms name the rules worth looking at; these are evaluated. Nothing is allocated for an event once the buffers
/// have grown to the size of the largest.
public final class RuleMatcher {
    let rules: CompiledRules
    let tables: RuleCompiler.Tables
    var reader: EventReader
    let fixedRoute: Route?
    var routes: RouteMemory

    /// For each atom, in which event it was last answered, and how: twice the event's number, and one for yes.
    let answers: UnsafeMutablePointer<UInt32>
    /// For each rule, in which event it was last put among the candidates.
    let seen: UnsafeMutablePointer<UInt32>
    var event: UInt32 = 0
    /// For each pattern with wildcards inside, in which scan it was last compared.
    let tried: UnsafeMutablePointer<UInt32>
    var scanNumber: UInt32 = 0
    let candidates: UnsafeMutablePointer<UInt32>
    var candidateCount = 0
    let found: UnsafeMutablePointer<UInt32>
    var foundCount = 0
    var route: Route

    /// The last line.
    var text: ByteBuffer
    /// Where unescaped values of the event are kept, and where one is folded.
    var arena: ByteBuffer
    var folded: ByteBuffer
    var refolded: ByteBuffer
    let scratch = BoundedExpression.Scratch()

    /// How often an expression took too long to be answered, and counted as not found.
    public internal(set) var expressionsGivenUp = 0

    /// How often values were too many or too long to be compared with another field's, and counted as different.
    public internal(set) var comparisonsGivenUp = 0

    /// How an event's log source is known.
    public enum Routing: Sendable {
        /// Every rule is tried, whatever its log source; a top-level key that would name it is no part of the event.
        case none(except: String?)
        /// All events are of one source.
        case fixed(LogSource)
        /// Whoever calls says it for each event; where nobody does, every rule is tried.
        case unsaid
        /// A top-level key of each event holds its source: `product`, `category` and `service` (each one or several).
        case key(String)
    }

    /// A matcher of its own for a thread.
    public init(_ rules: CompiledRules, routing: Routing) {
        self.rules = rules
        tables = rules.tables
        var key: [UInt8] = []
        switch routing {
        case .unsaid: fixedRoute = rules.route(for: nil)
        case .none(let name):
            fixedRoute = rules.route(for: nil)
            key = Array((name ?? "").utf8)
        case .fixed(let source): fixedRoute = rules.route(for: source)
        case .key(let name):
            fixedRoute = nil
            key = Array(name.utf8)
        }
        route = fixedRoute ?? rules.route(for: LogSource())
        reader = EventReader(paths: tables.paths, fieldCount: rules.fieldNames.count, sourceKey: key)
        routes = RouteMemory()
        if let fixedRoute {
            if case .fixed(let source) = routing {
                routes.settle(on: fixedRoute, name: source.description)
            } else {
                routes.settle(on: fixedRoute, name: "every rule tried")
            }
        }
        answers = .allocate(capacity: max(1, tables.atoms.count))
        answers.initialize(repeating: 0, count: max(1, tables.atoms.count))
        seen = .allocate(capacity: max(1, rules.rules.count))
        seen.initialize(repeating: 0, count: max(1, rules.rules.count))
        tried = .allocate(capacity: max(1, tables.patterns.count))
        tried.initialize(repeating: 0, count: max(1, tables.patterns.count))
        candidates = .allocate(capacity: max(1, rules.rules.count))
        found = .allocate(capacity: max(1, rules.rules.count))
        text = ByteBuffer()
        arena = ByteBuffer()
        folded = ByteBuffer()
        refolded = ByteBuffer()
    }

    deinit {
        answers.deallocate()
        seen.deallocate()
        tried.deallocate()
        candidates.deallocate()
        found.deallocate()
    }

    /// The numbers of the rules that matched the last event, in the order of the rules.
    public var matches: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: found, count: foundCount) }

    /// How many rules are for the log source of the last event.
    public var applicable: Int { route.count }

    /// The log sources that were met: how many events, and how many rules are for them.
    public var sources: [(name: String, events: Int, applicable: Int)] { routes.sources }

    /// Matches a line that holds a JSON object.
    ///
    /// - Returns: Why the line is no event, or nothing; then ``matches`` has the rules.
    public func match(_ line: UnsafeBufferPointer<UInt8>) -> EventFault? { match(line, from: nil) }

    /// Matches a line that holds a JSON object.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - source: Its log source, if that is known otherwise than by the matcher's ``Routing``.
    /// - Returns: Why the line is no event, or nothing; then ``matches`` has the rules.
    public func match(_ line: UnsafeBufferPointer<UInt8>, from source: LogSource?) -> EventFault? {
        foundCount = 0
        candidateCount = 0
        guard let base = line.baseAddress else { return .notAnObject }
        guard line.count <= Self.lineLimit else { return .tooLong }
        // The line is copied, so that the values of the event are there for as long as it is the last one.
        text.restart(capacity: line.count)
        text.base.update(from: base, count: line.count)
        arena.restart(capacity: line.count)
        if let fault = reader.read(UnsafePointer(text.base), line.count) {
            reader.forget()
            return fault
        }
        begin()
        if let source {
            route = routes.route(for: source, in: rules)
        } else if fixedRoute == nil {
            route = routes.route(for: reader.source, in: rules)
        } else {
            if let fixedRoute { route = fixedRoute }
            routes.count()
        }
        scan()
        for rule in route.always { addCandidate(rule) }
        decide()
        return nil
    }

    /// The longest event, in bytes.
    public static let lineLimit = 16 << 20

    private func begin() {
        event &+= 1
        guard event == 1 << 31 else { return }
        event = 1
        answers.update(repeating: 0, count: tables.atoms.count)
        seen.update(repeating: 0, count: rules.rules.count)
    }
}
