import Mustache
import Verdicts
import Wire

/// Counts by verdict as a proportional bar, with the table behind it as its legend.
struct Tally: MustacheParent {
    let counts: VerdictCounts

    func child(named name: String) -> Any? {
        switch name {
        case "total": grouped(counts.total)
        case "description": description
        case "segments": Segment.bar(Verdict.allCases.map { ($0.rawValue, Double(counts[$0])) })
        case "counts": Verdict.allCases.map { VerdictCount(mark: VerdictMark($0), count: counts[$0]) }
        default: nil
        }
    }

    private var description: String {
        let parts = Verdict.allCases.filter { counts[$0] > 0 }.map { "\(counts[$0]) \($0.rawValue)" }
        return "Of \(count(counts.total, "commitment")): \(parts.isEmpty ? "none yet" : parts.joined(separator: ", "))"
    }
}

extension VerdictCounts {
    /// `29 of 41 commitments kept, 2 withdrawn`. Promises taken back no longer count among those to be kept.
    var shareLine: String {
        let share = "\(grouped(kept)) of \(count(total - withdrawn, "commitment")) kept"
        return withdrawn == 0 ? share : "\(share), \(grouped(withdrawn)) withdrawn"
    }
}

private struct VerdictCount: MustacheParent {
    let mark: VerdictMark
    let count: Int

    func child(named name: String) -> Any? {
        switch name {
        case "count": grouped(count)
        case "isZero": count == 0
        case "meaning": mark.verdict.meaning
        default: mark.child(named: name)
        }
    }
}

/// One stretch of a bar that is 1000 units wide.
struct Segment: MustacheParent {
    let name: String
    let x, width: Int

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "x": x
        case "width": width
        default: nil
        }
    }

    /// Divides the bar in proportion. What is there at all stays visible, at least 8 units wide; a gap of 3
    /// keeps neighbours apart.
    static func bar(_ parts: [(name: String, amount: Double)]) -> [Segment] {
        let present = parts.filter { $0.amount > 0 }
        let total = present.reduce(0) { $0 + $1.amount }
        guard total > 0 else { return [] }
        let gap = 3
        let least = 8
        let room = 1000 - gap * (present.count - 1)
        let small = present.filter { $0.amount / total * Double(room) < Double(least) }
        let restRoom = Double(room - least * small.count)
        let restTotal = total - small.reduce(0) { $0 + $1.amount }
        var segments: [Segment] = []
        var x = 0
        for (position, part) in present.enumerated() {
            let exact = part.amount / total * Double(room)
            var width = exact < Double(least) ? least : Int(part.amount / restTotal * restRoom)
            if position == present.count - 1 { width = 1000 - x }
            segments.append(Segment(name: part.name, x: x, width: width))
            x += width + gap
        }
        return segments
    }
}
