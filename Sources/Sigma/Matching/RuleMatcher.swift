/// Matches events against compiled rules, one after the other; each thread has its own.
///
/// An event takes one way: its values are read where they stand, those that rules ask for are folded and scanned once, which
/// sets atoms; atoms name the rules worth looking at; these are evaluated. Nothing is allocated for an event once the buffers
/// have grown to the size of the largest.
public final class RuleMatcher {
    private let rules: CompiledRules
    private let tables: RuleCompiler.Tables
    private var reader: EventReader
    private let fixedRoute: Route?
    private var routes: RouteMemory

    /// For each atom, in which event it was last answered, and how: twice the event's number, and one for yes.
    private let answers: UnsafeMutablePointer<UInt32>
    /// For each rule, in which event it was last put among the candidates.
    private let seen: UnsafeMutablePointer<UInt32>
    private var event: UInt32 = 0
    /// For each pattern with wildcards inside, in which scan it was last compared.
    private let tried: UnsafeMutablePointer<UInt32>
    private var scanNumber: UInt32 = 0
    private let candidates: UnsafeMutablePointer<UInt32>
    private var candidateCount = 0
    private let found: UnsafeMutablePointer<UInt32>
    private var foundCount = 0
    private var route: Route

    /// The last line.
    private var text: ByteBuffer
    /// Where unescaped values of the event are kept, and where one is folded.
    private var arena: ByteBuffer
    private var folded: ByteBuffer
    private var refolded: ByteBuffer
    private let scratch = BoundedExpression.Scratch()

    /// How often an expression took too long to be answered, and counted as not found.
    public private(set) var expressionsGivenUp = 0

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
        if let fault = reader.read(UnsafePointer(text.base), line.count) { return fault }
        begin()
        if let source {
            route = routes.route(for: source, in: rules)
        } else if fixedRoute == nil {
            route = routes.route(for: reader.source, in: rules)
        } else {
            if let fixedRoute { route = fixedRoute }
            routes.count()
        }
        arena.restart(capacity: line.count)
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

    // MARK: Scanning

    private func scan() {
        let whole = rules.fieldNames.count
        let searchesEvent = route.searchesEvent
        for place in 0..<reader.count {
            let field = reader.values[place].field
            let isScanned = field >= 0 && route.isScanned.base[Int(field)]
            guard isScanned || searchesEvent else { continue }
            let kind = reader.values[place].kind
            if isScanned {
                let presence = rules.presenceRuns.base[Int(field)]
                for index in 0..<Int(presence.count) {
                    addCandidate(rules.presenceRules.base[Int(presence.start) + index])
                }
            }
            let isIndexed = isScanned && tables.isIndexed.base[Int(field)]
            guard kind != .container, kind != .null, isIndexed || searchesEvent else { continue }
            let value = text(at: place)
            let count = Int(value.count)
            folded.reserve(CaseFolding.room(for: count))
            let length = CaseFolding.fold(value.bytes, count, into: folded.base)
            if isIndexed { scan(tables.indexes.base + Int(field), length, value) }
            if searchesEvent { scan(tables.indexes.base + whole, length, value) }
        }
    }

    /// A value with its escapes resolved.
    @inline(__always)
    private func text(at place: Int) -> EventReader.Value {
        if reader.values[place].isEscaped { unescape(place) }
        return reader.values[place]
    }

    private func unescape(_ place: Int) {
        let value = reader.values[place]
        let target = arena.next
        let length = JSONText.unescape(value.bytes, Int(value.count), into: target)
        arena.used += length
        reader.settle(place, target, length)
    }

    /// Looks for all patterns of an index in the folded value.
    @inline(__always)
    private func scan(_ index: UnsafePointer<PatternIndex>, _ length: Int, _ value: EventReader.Value) {
        let text = UnsafePointer(folded.base)
        scanNumber &+= 1
        if scanNumber == 0 {
            tried.update(repeating: 0, count: tables.patterns.count)
            scanNumber = 1
        }
        if index.pointee.exactLengths >> UInt64(min(length, 63)) & 1 == 1 {
            let run = index.pointee.exact.find(Bytes.hash(text, length))
            for entry in 0..<Int(run.count) {
                check(index.pointee.exact.entries.base[Int(run.start) + entry].pattern, text, length, value, at: 0)
            }
        }
        if length > 0 {
            let all = index.pointee
            if !all.prefix1.isEmpty { look(all.prefix1, UInt64(text[0]), text, length, value) }
            if !all.suffix1.isEmpty { look(all.suffix1, UInt64(text[length - 1]), text, length, value) }
            if length >= 4 {
                if !all.prefix4.isEmpty { look(all.prefix4, UInt64(Bytes.load32(text)), text, length, value) }
                if !all.suffix4.isEmpty {
                    look(all.suffix4, UInt64(Bytes.load32(text + length - 4)), text, length, value)
                }
            }
            if length >= 8 {
                if !all.prefix8.isEmpty { look(all.prefix8, Bytes.load64(text), text, length, value) }
                if !all.suffix8.isEmpty { look(all.suffix8, Bytes.load64(text + length - 8), text, length, value) }
            }
            if all.hasGrams { scanGrams(index, text, length, value) }
            if all.hasShort { scanShort(index, text, length, value) }
        }
        for entry in 0..<index.pointee.unanchored.count {
            check(index.pointee.unanchored.base[entry], text, length, value, at: 0)
        }
    }

    @inline(__always)
    private func look(
        _ table: BucketTable, _ key: UInt64, _ text: UnsafePointer<UInt8>, _ length: Int, _ value: EventReader.Value
    ) {
        let run = table.find(key)
        for entry in 0..<Int(run.count) {
            check(table.entries.base[Int(run.start) + entry].pattern, text, length, value, at: 0)
        }
    }

    private func scanGrams(
        _ index: UnsafePointer<PatternIndex>, _ text: UnsafePointer<UInt8>, _ length: Int, _ value: EventReader.Value
    ) {
        guard length >= 4 else { return }
        let bits = index.pointee.gramBits.base
        let shift = index.pointee.gramShift
        let grams = index.pointee.grams
        let last = length - 4
        var place = 0
        while place <= last {
            let gram = Bytes.load32(text + place)
            let bit = PatternIndex.gramPlace(gram, shift)
            if bits[Int(bit &>> 6)] &>> UInt64(bit & 63) & 1 == 1 {
                let run = grams.find(UInt64(gram))
                for number in 0..<Int(run.count) {
                    let entry = grams.entries.base[Int(run.start) + number]
                    let start = place - Int(entry.offset)
                    if start >= 0 { check(entry.pattern, text, length, value, at: start) }
                }
            }
            place &+= 1
        }
    }

    private func scanShort(
        _ index: UnsafePointer<PatternIndex>, _ text: UnsafePointer<UInt8>, _ length: Int, _ value: EventReader.Value
    ) {
        let bits = index.pointee.shortBits.base
        for place in 0..<length {
            // Behind the value there are zeros.
            let pair = Int(text[place]) | Int(text[place + 1]) << 8
            guard bits[pair &>> 6] &>> UInt64(pair & 63) & 1 == 1 else { continue }
            let three = UInt64(Bytes.load32(text + place) & 0xFF_FFFF)
            for size in 1...UInt64(3) {
                let key = three & (1 << (8 * size) - 1) | size << 56
                let run = index.pointee.short.find(key)
                for number in 0..<Int(run.count) {
                    check(
                        index.pointee.short.entries.base[Int(run.start) + number].pattern, text, length, value,
                        at: place)
                }
            }
        }
    }

    /// Compares a pattern with the value, whose literal could stand at `start`, and sets its atoms if it fits.
    private func check(
        _ number: UInt32, _ text: UnsafePointer<UInt8>, _ length: Int, _ value: EventReader.Value, at start: Int
    ) {
        let pattern = tables.patterns.base + Int(number)
        let count = Int(pattern.pointee.literal.count)
        if pattern.pointee.shape == .contained {
            let literal = tables.pool.base + Int(pattern.pointee.literal.start)
            guard start + count <= length, Bytes.equal(text + start, literal, count) else { return }
            if pattern.pointee.isCased, !fitsAsWritten(pattern, value.bytes, Int(value.count)) { return }
        } else {
            if pattern.pointee.shape == .glob {
                // Many grams of a value may lead here; it fits as a whole or it does not.
                guard tried[Int(number)] != scanNumber else { return }
                tried[Int(number)] = scanNumber
            }
            guard fits(pattern, text, length, value.bytes, Int(value.count)) else { return }
        }
        let atoms = pattern.pointee.atoms
        for index in 0..<Int(atoms.count) { set(tables.patternAtoms.base[Int(atoms.start) + index]) }
    }

    /// Tells whether a value fits a pattern: the folded text, and for one that is cased also the value as it is written.
    @inline(__always)
    private func fits(
        _ pattern: UnsafePointer<CompiledPattern>, _ text: UnsafePointer<UInt8>, _ length: Int,
        _ written: UnsafePointer<UInt8>, _ writtenLength: Int
    ) -> Bool {
        let count = Int(pattern.pointee.literal.count)
        let literal = tables.pool.base + Int(pattern.pointee.literal.start)
        if pattern.pointee.shape == .glob {
            return pattern.pointee.isCased
                ? Glob.fits(literal, count, written, writtenLength) : Glob.fits(literal, count, text, length)
        }
        return Self.stands(literal, count, in: text, length, pattern.pointee.shape)
            && (!pattern.pointee.isCased || fitsAsWritten(pattern, written, writtenLength))
    }

    private func fitsAsWritten(
        _ pattern: UnsafePointer<CompiledPattern>, _ text: UnsafePointer<UInt8>, _ length: Int
    ) -> Bool {
        Self.stands(
            tables.pool.base + Int(pattern.pointee.written.start), Int(pattern.pointee.written.count), in: text, length,
            pattern.pointee.shape)
    }

    /// Tells whether a literal stands where the shape wants it.
    @inline(__always)
    private static func stands(
        _ literal: UnsafePointer<UInt8>, _ count: Int, in text: UnsafePointer<UInt8>, _ length: Int,
        _ shape: CompiledPattern.Shape
    ) -> Bool {
        guard count <= length else { return false }
        switch shape {
        case .exact: return count == length && Bytes.equal(text, literal, count)
        case .prefix: return Bytes.equal(text, literal, count)
        case .suffix: return Bytes.equal(text + (length - count), literal, count)
        default: return Bytes.contains(text, length, literal, count)
        }
    }

    @inline(__always)
    private func set(_ atom: UInt32) {
        guard answers[Int(atom)] != event << 1 | 1 else { return }
        answers[Int(atom)] = event << 1 | 1
        let run = rules.witnessRuns.base[Int(atom)]
        for index in 0..<Int(run.count) { addCandidate(rules.witnessRules.base[Int(run.start) + index]) }
    }

    @inline(__always)
    private func addCandidate(_ rule: UInt32) {
        guard route.chooses(rule), seen[Int(rule)] != event else { return }
        seen[Int(rule)] = event
        candidates[candidateCount] = rule
        candidateCount += 1
    }

    // MARK: Deciding

    private func decide() {
        for index in 0..<candidateCount {
            let rule = candidates[index]
            guard holds(rules.roots.base[Int(rule)]) else { continue }
            var place = foundCount
            while place > 0, found[place - 1] > rule {
                found[place] = found[place - 1]
                place -= 1
            }
            found[place] = rule
            foundCount += 1
        }
    }

    private func holds(_ number: UInt32) -> Bool {
        let node = tables.code.nodes.base + Int(number)
        let operands = node.pointee.operands
        switch node.pointee.operation {
        case .atom: return answer(operands.start)
        case .not: return !holds(tables.code.parts.base[Int(operands.start)])
        case .all:
            for index in 0..<operands.count where !holds(tables.code.parts.base[Int(operands.start + index)]) {
                return false
            }
            return true
        case .any:
            for index in 0..<operands.count where holds(tables.code.parts.base[Int(operands.start + index)]) {
                return true
            }
            return false
        case .atLeast:
            var count: UInt32 = 0
            for index in 0..<operands.count where holds(tables.code.parts.base[Int(operands.start + index)]) {
                count += 1
                if count >= node.pointee.count { return true }
            }
            return count >= node.pointee.count
        }
    }

    @inline(__always)
    private func answer(_ atom: UInt32) -> Bool {
        let known = answers[Int(atom)]
        if known >> 1 == event { return known & 1 == 1 }
        let atomEntry = tables.atoms.base + Int(atom)
        guard atomEntry.pointee.kind == .asked else { return false }
        let answer = ask(rules.questions[Int(atomEntry.pointee.question)])
        answers[Int(atom)] = event << 1 | (answer ? 1 : 0)
        return answer
    }

    // MARK: Asking

    private func ask(_ question: Question) -> Bool {
        for matcher in question.matchers where ask(matcher, question.field) { return true }
        return false
    }

    private func ask(_ matcher: Question.Matcher, _ field: Int32) -> Bool {
        switch matcher {
        case .null: return !anyValue(of: field) { $0.kind != .null }
        case .exists(let isThere): return (reader.last(of: field) >= 0) == isThere
        case .anything: return anyValue(of: field) { $0.kind != .null }
        case .expression(let expression):
            return anyText(of: field) { text in
                switch expression.search(text, scratch) {
                case .found: return true
                case .none: return false
                case .gaveUp:
                    expressionsGivenUp += 1
                    return false
                }
            }
        case .network(let range):
            return anyText(of: field) { text in
                withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { address in
                    let length = AddressReader.read(text, into: address)
                    guard length > 0, let base = address.baseAddress else { return false }
                    return range.contains(base, length: length)
                }
            }
        case .number(let comparison, let number):
            return anyText(of: field) { text in
                ValueText.number(text).map { comparison.holds($0, number) } ?? false
            }
        case .datePart(let part, let comparison, let number):
            return anyText(of: field) { text in
                ValueText.part(part, of: text).map { comparison.holds($0, number) } ?? false
            }
        case .patterns(let run): return anyText(of: field) { fits($0, run) }
        case .field(let other, let relation, let isCased):
            return anyText(of: field) { text in
                anyText(of: other) { ValueText.relates(text, $0, relation, isCased: isCased) }
            }
        }
    }

    /// Tells whether a value fits one of the patterns, looking for each of them.
    private func fits(_ text: UnsafeBufferPointer<UInt8>, _ patterns: Run) -> Bool {
        guard let bytes = text.baseAddress else { return false }
        refolded.reserve(CaseFolding.room(for: text.count))
        let length = CaseFolding.fold(bytes, text.count, into: refolded.base)
        for number in patterns.start..<(patterns.start + patterns.count)
        where fits(tables.patterns.base + Int(number), refolded.base, length, bytes, text.count) {
            return true
        }
        return false
    }

    private func anyValue(of field: Int32, _ fits: (EventReader.Value) -> Bool) -> Bool {
        guard field >= 0 else {
            for place in 0..<reader.count where fits(reader.values[place]) { return true }
            return false
        }
        var place = reader.last(of: field)
        while place >= 0 {
            if fits(reader.values[Int(place)]) { return true }
            place = reader.values[Int(place)].previous
        }
        return false
    }

    private func anyText(of field: Int32, _ fits: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        if field < 0 {
            for place in 0..<reader.count where fitsText(place, fits) { return true }
            return false
        }
        var place = reader.last(of: field)
        while place >= 0 {
            if fitsText(Int(place), fits) { return true }
            place = reader.values[Int(place)].previous
        }
        return false
    }

    @inline(__always)
    private func fitsText(_ place: Int, _ fits: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        let kind = reader.values[place].kind
        guard kind != .null, kind != .container else { return false }
        let value = text(at: place)
        return fits(UnsafeBufferPointer(start: value.bytes, count: Int(value.count)))
    }

    // MARK: Values of the last event

    /// The texts of a field in the last event, as they are read; none where it holds nothing, or no rule asks for it.
    func texts(of field: String) -> [[UInt8]] {
        guard let number = rules.number(of: field) else { return [] }
        var texts: [[UInt8]] = []
        _ = anyText(of: number) { text in
            texts.append(Array(text))
            return false
        }
        return texts.reversed()
    }
}
