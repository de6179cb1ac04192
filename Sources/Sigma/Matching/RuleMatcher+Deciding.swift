// Candidates are evaluated; what no index answers is asked of the values themselves.

extension RuleMatcher {
    func decide() {
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

    func holds(_ number: UInt32) -> Bool {
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
    func answer(_ atom: UInt32) -> Bool {
        let known = answers[Int(atom)]
        if known >> 1 == event { return known & 1 == 1 }
        let atomEntry = tables.atoms.base + Int(atom)
        guard atomEntry.pointee.kind == .asked else { return false }
        let answer = ask(rules.questions[Int(atomEntry.pointee.question)])
        answers[Int(atom)] = event << 1 | (answer ? 1 : 0)
        return answer
    }

    func ask(_ question: Question) -> Bool {
        for matcher in question.matchers where ask(matcher, question.field) { return true }
        return false
    }

    func ask(_ matcher: Question.Matcher, _ field: Int32) -> Bool {
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
            var comparison = FieldComparison(relation, isCased: isCased)
            _ = anyText(of: other) { comparison.addOther($0) }
            let isFound = anyText(of: field) { comparison.fits($0) }
            if comparison.hasGivenUp, !isFound { comparisonsGivenUp += 1 }
            return isFound
        }
    }

    /// Tells whether a value fits one of the patterns, looking for each of them.
    func fits(_ text: UnsafeBufferPointer<UInt8>, _ patterns: Run) -> Bool {
        guard let bytes = text.baseAddress else { return false }
        refolded.reserve(CaseFolding.room(for: text.count))
        let length = CaseFolding.fold(bytes, text.count, into: refolded.base)
        for number in patterns.start..<(patterns.start + patterns.count)
        where fits(tables.patterns.base + Int(number), refolded.base, length, bytes, text.count) {
            return true
        }
        return false
    }

    func anyValue(of field: Int32, _ fits: (EventReader.Value) -> Bool) -> Bool {
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

    func anyText(of field: Int32, _ fits: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
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
    func fitsText(_ place: Int, _ fits: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        let kind = reader.values[place].kind
        guard kind != .null, kind != .container else { return false }
        let value = text(at: place)
        return fits(UnsafeBufferPointer(start: value.bytes, count: Int(value.count)))
    }

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
