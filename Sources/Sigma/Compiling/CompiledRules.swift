import Synchronization

/// A rule set in the form in which events are matched: built once, read by any number of matchers at the same time.
public final class CompiledRules: Sendable {
    /// The rules, in the order of their numbers in matches.
    public let rules: [SigmaRule]

    let storage: TableStorage
    let tables: RuleCompiler.Tables
    let questions: [Question]
    /// The fields that rules ask for, by number; more of them where correlations group by others.
    let fieldNames: [String]
    private let fieldNumbers: [String: Int32]
    /// The node of each rule.
    let roots: Table<UInt32>
    /// For each atom, the rules whose witness it is.
    let witnessRuns: Table<Run>
    let witnessRules: Table<UInt32>
    /// For each field, the rules that are looked at where it is there.
    let presenceRuns: Table<Run>
    let presenceRules: Table<UInt32>
    /// The rules that are looked at for every event.
    private let unwitnessed: [UInt32]
    /// For each rule, the fields of its tests; the number of fields stands for the whole event.
    private let ruleFields: [[Int32]]

    private let routes = Mutex<[LogSource: Route]>([:])

    /// Compiles rules.
    ///
    /// - Parameters:
    ///   - rules: The rules; their numbers in matches are their places here.
    ///   - fields: More fields whose values are wanted from events, such as those that correlations group by.
    public init(_ rules: [SigmaRule], fields: [String] = []) {
        self.rules = rules
        var compiler = RuleCompiler()
        var roots: [UInt32] = []
        roots.reserveCapacity(rules.count)
        for rule in rules { roots.append(compiler.node(rule.expression)) }
        for field in fields { _ = compiler.field(field) }
        let witnesses = roots.map { compiler.witness(of: $0)?.atoms }
        compiler.placePatterns(witnesses: Set(witnesses.lazy.compactMap { $0 }.joined()))
        let tables = compiler.tables()

        var byAtom = [[UInt32]](repeating: [], count: tables.atoms.count)
        var byField = [[UInt32]](repeating: [], count: compiler.fieldNames.count)
        var unwitnessed: [UInt32] = []
        for (rule, witness) in witnesses.enumerated() {
            guard let witness else {
                unwitnessed.append(UInt32(rule))
                continue
            }
            for atom in Set(witness) {
                if compiler.isAsked(atom) {
                    byField[Int(compiler.fieldNumber(of: atom))].append(UInt32(rule))
                } else {
                    byAtom[Int(atom)].append(UInt32(rule))
                }
            }
        }
        storage = compiler.storage
        self.tables = tables
        questions = compiler.questions
        fieldNames = compiler.fieldNames
        self.roots = storage.freeze(roots)
        let (atomRuns, atomRules) = byAtom.flattened()
        witnessRuns = storage.freeze(atomRuns)
        witnessRules = storage.freeze(atomRules)
        let (fieldRuns, fieldRules) = byField.flattened()
        presenceRuns = storage.freeze(fieldRuns)
        presenceRules = storage.freeze(fieldRules)
        self.unwitnessed = unwitnessed
        let numbers = Dictionary(uniqueKeysWithValues: compiler.fieldNames.enumerated().map { ($1, Int32($0)) })
        fieldNumbers = numbers
        let whole = Int32(compiler.fieldNames.count)
        ruleFields = rules.map { rule in
            let named = rule.expression.fields.compactMap { numbers[$0] }
            return rule.expression.searchesEvent ? named + [whole] : named
        }
    }

    /// The number of a field whose values are wanted.
    func number(of field: String) -> Int32? { fieldNumbers[field] }

    /// What concerns the events of a log source.
    ///
    /// - Parameter source: The events' log source; `nil` for every rule, whatever its log source.
    func route(for source: LogSource?) -> Route {
        guard let source else {
            return Route(rules: Array(rules.indices), total: rules.count, unwitnessed, ruleFields, fieldNames.count)
        }
        return routes.withLock { routes in
            if let known = routes[source] { return known }
            let chosen = rules.indices.filter { rules[$0].logSource.selects(source) }
            let route = Route(rules: chosen, total: rules.count, unwitnessed, ruleFields, fieldNames.count)
            // Who invents log sources gets routes that are not kept.
            if routes.count < Self.routeLimit { routes[source] = route }
            return route
        }
    }

    private static let routeLimit = 4096
}

/// The rules that concern the events of one log source, and the fields that these need.
final class Route: Sendable {
    /// How many rules there are.
    let count: Int
    /// A bit for each rule of the set.
    let isChosen: Table<UInt64>
    /// For each field: its values must be scanned.
    let isScanned: Table<Bool>
    /// Every value must be searched.
    let searchesEvent: Bool
    /// Rules that are looked at for every event.
    let always: [UInt32]
    private let storage = TableStorage()

    init(rules: [Int], total: Int, _ unwitnessed: [UInt32], _ ruleFields: [[Int32]], _ fieldCount: Int) {
        count = rules.count
        var bits = [UInt64](repeating: 0, count: total / 64 + 1)
        var scanned = [Bool](repeating: false, count: fieldCount + 1)
        for rule in rules {
            bits[rule >> 6] |= 1 << UInt64(rule & 63)
            for field in ruleFields[rule] { scanned[Int(field)] = true }
        }
        searchesEvent = scanned[fieldCount]
        always = unwitnessed.filter { bits[Int($0 >> 6)] >> UInt64($0 & 63) & 1 == 1 }
        isChosen = storage.freeze(bits)
        isScanned = storage.freeze(scanned)
    }

    @inline(__always)
    func chooses(_ rule: UInt32) -> Bool {
        isChosen.base[Int(rule &>> 6)] &>> UInt64(rule & 63) & 1 == 1
    }
}

extension RuleExpression {
    /// Some of it searches the whole event.
    var searchesEvent: Bool {
        switch self {
        case .test(let test): test.field == nil
        case .all(let parts), .any(let parts), .atLeast(_, let parts): parts.contains(where: \.searchesEvent)
        case .not(let part): part.searchesEvent
        }
    }
}
