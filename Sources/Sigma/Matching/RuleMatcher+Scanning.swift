// Values are folded and scanned once, which sets atoms; atoms name the rules worth looking at.

extension RuleMatcher {
    func scan() {
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
    func text(at place: Int) -> EventReader.Value {
        if reader.values[place].isEscaped { unescape(place) }
        return reader.values[place]
    }

    func unescape(_ place: Int) {
        let value = reader.values[place]
        let target = arena.next
        let length = JSONText.unescape(value.bytes, Int(value.count), into: target)
        arena.used += length
        reader.settle(place, target, length)
    }

    /// Looks for all patterns of an index in the folded value.
    @inline(__always)
    func scan(_ index: UnsafePointer<PatternIndex>, _ length: Int, _ value: EventReader.Value) {
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
    func look(
        _ table: BucketTable, _ key: UInt64, _ text: UnsafePointer<UInt8>, _ length: Int, _ value: EventReader.Value
    ) {
        let run = table.find(key)
        for entry in 0..<Int(run.count) {
            check(table.entries.base[Int(run.start) + entry].pattern, text, length, value, at: 0)
        }
    }

    func scanGrams(
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

    func scanShort(
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
    func check(
        _ number: UInt32, _ text: UnsafePointer<UInt8>, _ length: Int, _ value: EventReader.Value, at start: Int
    ) {
        let pattern = tables.patterns.base + Int(number)
        let count = Int(pattern.pointee.literal.count)
        if pattern.pointee.shape == .contained {
            let literal = tables.pool.base + Int(pattern.pointee.literal.start)
            guard start + count <= length, Bytes.equal(text + start, literal, count) else { return }
            if pattern.pointee.isCased {
                // Folded it may stand in many places; as it is written it stands somewhere in the value, or it does not.
                guard tried[Int(number)] != scanNumber else { return }
                tried[Int(number)] = scanNumber
                guard fitsAsWritten(pattern, value.bytes, Int(value.count)) else { return }
            }
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
    func fits(
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

    func fitsAsWritten(
        _ pattern: UnsafePointer<CompiledPattern>, _ text: UnsafePointer<UInt8>, _ length: Int
    ) -> Bool {
        Self.stands(
            tables.pool.base + Int(pattern.pointee.written.start), Int(pattern.pointee.written.count), in: text, length,
            pattern.pointee.shape)
    }

    /// Tells whether a literal stands where the shape wants it.
    @inline(__always)
    static func stands(
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
    func set(_ atom: UInt32) {
        guard answers[Int(atom)] != event << 1 | 1 else { return }
        answers[Int(atom)] = event << 1 | 1
        let run = rules.witnessRuns.base[Int(atom)]
        for index in 0..<Int(run.count) { addCandidate(rules.witnessRules.base[Int(run.start) + index]) }
    }

    @inline(__always)
    func addCandidate(_ rule: UInt32) {
        guard route.chooses(rule), seen[Int(rule)] != event else { return }
        seen[Int(rule)] = event
        candidates[candidateCount] = rule
        candidateCount += 1
    }
}
