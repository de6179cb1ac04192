/// Turns rules into the tables that ``RuleMatcher`` reads.
///
/// Tests that several rules share become one atom; patterns that several atoms share are looked for once. Each rule gets a
/// *witness*: atoms of which one must hold for the rule to match, chosen to hold seldom. Only rules whose witness holds are
/// looked at. A rule without one, such as one that only asks what is absent, is looked at for every event of its log source.
struct RuleCompiler {
    let storage = TableStorage()
    private var fields: [String: Int32] = [:]
    private(set) var fieldNames: [String] = []
    private var atoms: [Atom] = []
    private var atomCosts: [Double] = []
    /// The patterns of each atom, until it is known where they are looked for.
    private var atomTexts: [[PatternKey]] = []
    private var tests: [FieldTest: UInt32] = [:]
    private(set) var questions: [Question] = []
    private var expressions: [ExpressionText: BoundedExpression] = [:]

    private var patterns: [PatternKey: Int] = [:]
    private var patternAtoms: [[UInt32]] = []
    private var compiled: [CompiledPattern] = []
    private var pool: [UInt8] = []
    private var builders: [Int32: PatternIndex.Builder] = [:]

    private var nodes: [RuleCode.Node] = []
    private var parts: [UInt32] = []

    private struct PatternKey: Hashable {
        let field: Int32
        let pattern: TextPattern
        let isCased: Bool
    }

    mutating func field(_ name: String) -> Int32 {
        if let number = fields[name] { return number }
        let number = Int32(fieldNames.count)
        fields[name] = number
        fieldNames.append(name)
        return number
    }

    // MARK: Expressions

    /// The node of an expression, with negations moved down to the tests they are of.
    mutating func node(_ expression: RuleExpression, isNegated: Bool = false) -> UInt32 {
        switch expression {
        case .not(let inner): return node(inner, isNegated: !isNegated)
        case .test(let test):
            let found = node(test)
            return isNegated ? add(.not, [found]) : found
        case .all(let inner): return combination(inner, isNegated ? .any : .all, isNegated)
        case .any(let inner): return combination(inner, isNegated ? .all : .any, isNegated)
        case .atLeast(let count, let inner):
            // Not at least n of m hold: at least m - n + 1 of them do not.
            let nodes = inner.map { node($0, isNegated: isNegated) }
            return add(.atLeast, nodes, count: isNegated ? inner.count - count + 1 : count)
        }
    }

    private mutating func combination(
        _ inner: [RuleExpression], _ operation: RuleCode.Operation, _ isNegated: Bool
    ) -> UInt32 {
        let nodes = inner.map { node($0, isNegated: isNegated) }.map { (number: $0, cost: askingCost($0)) }
        // What is known already comes before what must be asked.
        return add(operation, nodes.sorted { $0.cost < $1.cost }.map(\.number))
    }

    private func askingCost(_ number: UInt32) -> Int {
        let node = nodes[Int(number)]
        guard node.operation == .atom else {
            return (0..<node.operands.count).reduce(0) {
                max($0, askingCost(parts[Int(node.operands.start + $1)]))
            }
        }
        let atom = atoms[Int(node.operands.start)]
        return atom.kind == .asked ? questions[Int(atom.question)].cost : 0
    }

    private mutating func add(_ operation: RuleCode.Operation, _ operands: [UInt32], count: Int = 0) -> UInt32 {
        let run = Run(start: UInt32(parts.count), count: UInt32(operands.count))
        parts += operands
        nodes.append(RuleCode.Node(operation: operation, count: UInt32(count), operands: run))
        return UInt32(nodes.count - 1)
    }

    /// The node of a test: an atom, or one for what is indexed and one for what must be asked.
    private mutating func node(_ test: FieldTest) -> UInt32 {
        if let number = tests[test] { return number }
        let field = test.field.map { self.field($0) } ?? -1
        var indexed: UInt32?
        var asked: [Question.Matcher] = []
        for matcher in test.matchers {
            switch matcher {
            case .text(let pattern, let isCased):
                if pattern.parts == [.any] {
                    asked.append(.anything)
                } else {
                    let atom = indexed ?? newAtom(Atom(kind: .indexed, field: field, question: -1))
                    indexed = atom
                    atomTexts[Int(atom)].append(PatternKey(field: field, pattern: pattern, isCased: isCased))
                    atomCosts[Int(atom)] += Self.cost(CompiledPattern.shape(of: pattern))
                }
            case .null: asked.append(.null)
            case .exists(let isThere): asked.append(.exists(isThere))
            case .expression(let text):
                if let expression = expressions[text] ?? BoundedExpression(text) {
                    expressions[text] = expression
                    asked.append(.expression(expression))
                }
            case .network(let range): asked.append(.network(range))
            case .number(let comparison, let number): asked.append(.number(comparison, number))
            case .datePart(let part, let comparison, let number): asked.append(.datePart(part, comparison, number))
            case .field(let name, let relation, let isCased):
                asked.append(.field(self.field(name), relation, isCased: isCased))
            }
        }
        var found: [UInt32] = []
        if let indexed { found.append(atomNode(indexed)) }
        if !asked.isEmpty {
            let question = Question(field: field, matchers: asked)
            questions.append(question)
            let atom = newAtom(
                Atom(kind: .asked, field: field, question: Int32(questions.count - 1)),
                cost: question.needsField ? 0.5 : 1)
            found.append(atomNode(atom))
        }
        let number = found.count == 1 ? found[0] : add(.any, found)
        tests[test] = number
        return number
    }

    private mutating func atomNode(_ atom: UInt32) -> UInt32 {
        nodes.append(RuleCode.Node(operation: .atom, count: 0, operands: Run(start: atom, count: 0)))
        return UInt32(nodes.count - 1)
    }

    private mutating func newAtom(_ atom: Atom, cost: Double = 0) -> UInt32 {
        atoms.append(atom)
        atomCosts.append(cost)
        atomTexts.append([])
        return UInt32(atoms.count - 1)
    }

    // MARK: Patterns

    /// Decides where the patterns of each atom are looked for, once it is known which atoms are witnesses.
    ///
    /// Short patterns fit nearly everything and are found slowly. Where no rule waits for them, they are looked for only when
    /// a rule that has a reason to ask does so.
    mutating func placePatterns(witnesses: Set<UInt32>) {
        for atom in atoms.indices where atoms[atom].kind == .indexed {
            let keys = atomTexts[atom]
            let isAsked =
                !witnesses.contains(UInt32(atom)) && keys.count <= Self.askedLimit
                && keys.contains { Self.isShort(CompiledPattern.shape(of: $0.pattern)) }
            guard isAsked else {
                for key in keys { index(key, atom: UInt32(atom)) }
                continue
            }
            let start = UInt32(compiled.count)
            for key in keys { compile(key) }
            atoms[atom].kind = .asked
            atoms[atom].question = Int32(questions.count)
            questions.append(
                Question(
                    field: atoms[atom].field,
                    matchers: [.patterns(Run(start: start, count: UInt32(keys.count)))]))
        }
    }

    private static let askedLimit = 64

    private static func isShort(_ form: (shape: CompiledPattern.Shape, literal: [UInt8])) -> Bool {
        switch form.shape {
        case .contained, .glob: form.literal.count < 4
        default: false
        }
    }

    private mutating func index(_ key: PatternKey, atom: UInt32) {
        if let number = patterns[key] {
            patternAtoms[number].append(atom)
            return
        }
        let (shape, literal) = CompiledPattern.shape(of: key.pattern)
        let number = compile(key)
        patterns[key] = number
        patternAtoms[number].append(atom)
        builders[key.field, default: PatternIndex.Builder()].add(
            shape, CaseFolding.folded(literal), pattern: UInt32(number))
    }

    @discardableResult
    private mutating func compile(_ key: PatternKey) -> Int {
        let (shape, literal) = CompiledPattern.shape(of: key.pattern)
        let code = shape == .glob ? Glob.encode(key.pattern, isCased: key.isCased) : CaseFolding.folded(literal)
        patternAtoms.append([])
        compiled.append(
            CompiledPattern(
                shape: shape, isCased: key.isCased, literal: put(code), written: key.isCased ? put(literal) : .none,
                atoms: .none))
        return compiled.count - 1
    }

    private mutating func put(_ bytes: [UInt8]) -> Run {
        pool += bytes
        return Run(start: UInt32(pool.count - bytes.count), count: UInt32(bytes.count))
    }

    /// How often a pattern fits, guessed: only the order of the guesses matters.
    private static func cost(_ form: (shape: CompiledPattern.Shape, literal: [UInt8])) -> Double {
        let literal = form.literal
        return switch form.shape {
        // Numbers, and words such as `true`, are values of a few; long texts of many.
        case .exact: literal.count <= 1 ? 0.2 : 0.04 / Double(literal.count)
        case .suffix: 0.2 / Double(1 + literal.count)
        case .prefix: 0.3 / Double(1 + literal.count)
        case .contained, .glob: 0.5 / Double(1 + literal.count * literal.count)
        }
    }

    // MARK: Witnesses

    /// The atoms of which one must hold for a node to hold, and how often that may be; `nil` where there are none.
    func witness(of number: UInt32) -> (atoms: [UInt32], cost: Double)? {
        let node = nodes[Int(number)]
        let operands = (0..<node.operands.count).map { parts[Int(node.operands.start + $0)] }
        switch node.operation {
        case .atom:
            let atom = Int(node.operands.start)
            if atoms[atom].kind == .asked {
                let question = questions[Int(atoms[atom].question)]
                guard question.needsField, question.field >= 0 else { return nil }
            }
            return ([UInt32(atom)], atomCosts[atom])
        case .not: return nil
        case .all: return operands.compactMap { witness(of: $0) }.min { $0.cost < $1.cost }
        case .any, .atLeast:
            var atoms: [UInt32] = []
            var cost = 0.0
            for operand in operands {
                guard let witness = witness(of: operand) else { return nil }
                atoms += witness.atoms
                cost += witness.cost
            }
            return (atoms, cost)
        }
    }

    /// Tells of an atom that it is only answered when asked; whether its field is there is then its sign.
    func isAsked(_ atom: UInt32) -> Bool { atoms[Int(atom)].kind == .asked }

    func fieldNumber(of atom: UInt32) -> Int32 { atoms[Int(atom)].field }

    // MARK: Tables

    struct Tables {
        let atoms: Table<Atom>
        let code: RuleCode
        let patterns: Table<CompiledPattern>
        let patternAtoms: Table<UInt32>
        let pool: Table<UInt8>
        let paths: FieldPaths
        /// The index of each field; the last is that of the whole event.
        let indexes: Table<PatternIndex>
        /// The fields that have an index.
        let isIndexed: Table<Bool>
    }

    func tables() -> Tables {
        let (runs, values) = patternAtoms.flattened()
        let patterns = zip(compiled, runs).map { pattern, run in
            var pattern = pattern
            pattern.atoms = run
            return pattern
        }
        let numbers = (0..<Int32(fieldNames.count)) + [-1]
        let empty = PatternIndex.Builder()
        return Tables(
            atoms: storage.freeze(atoms), code: RuleCode(nodes: storage.freeze(nodes), parts: storage.freeze(parts)),
            patterns: storage.freeze(patterns), patternAtoms: storage.freeze(values),
            // Literals are compared eight bytes at a time, never beyond their end.
            pool: storage.freeze(pool), paths: FieldPaths(fieldNames, in: storage),
            indexes: storage.freeze(numbers.map { (builders[$0] ?? empty).build(in: storage) }),
            isIndexed: storage.freeze(numbers.map { builders[$0] != nil }))
    }
}
