/// What is in a window, kept up to date as matches enter and leave it.
struct WindowContent {
    private(set) var count = 0
    private var bySource: [Int: Int] = [:]
    private var byValue: [WindowEntry.Value: Int] = [:]
    private var sum = 0.0
    private var numbers = 0
    /// The numbers in their order, where a place among them is asked for.
    private var sorted: [Double] = []
    private let kind: CorrelationRule.Kind

    private var isOrdered: Bool { kind == .valueMedian || kind == .valuePercentile }

    init(_ kind: CorrelationRule.Kind) {
        self.kind = kind
    }

    mutating func insert(_ entry: WindowEntry) {
        count += 1
        switch kind {
        case .eventCount: break
        case .valueCount: if entry.value != .none { byValue[entry.value, default: 0] += 1 }
        case .temporal, .temporalOrdered: bySource[entry.source, default: 0] += 1
        case .valueSum, .valueAverage, .valuePercentile, .valueMedian:
            guard case .number(let number) = entry.value else { break }
            sum += number
            numbers += 1
            if isOrdered { sorted.insert(number, at: place(of: number)) }
        }
    }

    mutating func remove(_ entry: WindowEntry) {
        count -= 1
        switch kind {
        case .eventCount: break
        case .valueCount: if entry.value != .none { Self.lower(&byValue, entry.value) }
        case .temporal, .temporalOrdered: Self.lower(&bySource, entry.source)
        case .valueSum, .valueAverage, .valuePercentile, .valueMedian:
            guard case .number(let number) = entry.value else { break }
            numbers -= 1
            if isOrdered { sorted.remove(at: place(of: number)) }
            // Sums that grow and shrink gather rounding errors; an empty window has none.
            sum = numbers == 0 ? 0 : sum - number
        }
    }

    private static func lower<Key>(_ counts: inout [Key: Int], _ key: Key) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }

    /// The first place whose number is not less.
    private func place(of number: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The number that the condition compares; `nil` where there is none.
    func statistic(percentile: Double) -> Double? {
        switch kind {
        case .eventCount: return Double(count)
        case .valueCount: return Double(byValue.count)
        case .temporal, .temporalOrdered: return Double(bySource.count)
        case .valueSum: return numbers == 0 ? nil : sum
        case .valueAverage: return numbers == 0 ? nil : sum / Double(numbers)
        case .valueMedian:
            guard !sorted.isEmpty else { return nil }
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        case .valuePercentile:
            guard !sorted.isEmpty else { return nil }
            return sorted[min(sorted.count - 1, Int(Double(sorted.count) * percentile / 100))]
        }
    }

    func has(_ source: Int) -> Bool { bySource[source] != nil }

    func holds(_ combination: CorrelationRule.Combination) -> Bool {
        switch combination {
        case .rule(let source): has(source)
        case .all(let parts): parts.allSatisfy(holds)
        case .any(let parts): parts.contains(where: holds)
        case .not(let part): !holds(part)
        }
    }
}
