import Kernel
import Mustache
import ScanResults
import Wire

/// Grades over time as lines, one for each kind of scan; the table below the chart says the same.
struct GradeChart: MustacheParent {
    /// Newest first.
    let history: [ScanEntry]
    let now: Instant

    /// The drawing's size in its own units.
    private static let (width, height) = (1000.0, 180.0)
    /// The grades that have a line across, from the best.
    private static let marks: [ScanGrade] = [.a, .b, .c, .d, .f]

    func child(named name: String) -> Any? {
        switch name {
        case "lines": lines
        case "marks": Self.marks.map { MarkPart(grade: $0, y: Self.y($0)) }
        case "description": description
        case "start": start.map { Moment($0, now: now) } ?? false
        default: nil
        }
    }

    var lines: [LinePart] {
        guard let start else { return [] }
        return ScanSummary.Kind.allCases.compactMap { kind in
            let points = history.filter { $0.kind == kind && $0.grade != nil }.reversed()
            guard let last = points.last, let grade = last.grade else { return nil }
            let places = points.compactMap { scan in
                scan.grade.map { (x: x(scan.finishedAt, from: start), y: Self.y($0)) }
            }
            return LinePart(
                kind: kind.rawValue, title: kind.title, grade: grade.rawValue,
                points: Self.steps(places).map { "\(Int($0.x)),\(Int($0.y))" }.joined(separator: " "))
        }
    }

    private var start: Instant? { history.last { $0.grade != nil }?.finishedAt }

    private var description: String {
        lines.map { "\($0.title): now \($0.grade)" }.joined(separator: "; ")
    }

    private func x(_ moment: Instant, from start: Instant) -> Double {
        let whole = max(1, (now - start).milliseconds)
        return Double((moment - start).milliseconds) / Double(whole) * Self.width
    }

    /// A grade holds until the next scan: steps, not slopes, and the last one up to now.
    private static func steps(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        var steps: [(x: Double, y: Double)] = []
        for point in points {
            if let last = steps.last { steps.append((point.x, last.y)) }
            steps.append(point)
        }
        if let last = steps.last { steps.append((width, last.y)) }
        return steps
    }

    private static func y(_ grade: ScanGrade) -> Double {
        let last = ScanGrade.allCases.count - 1
        let index = ScanGrade.allCases.firstIndex(of: grade) ?? last
        return 12 + Double(index) / Double(last) * (height - 24)
    }
}

/// One line of the chart.
struct LinePart: MustacheParent {
    let kind, title, grade, points: String

    func child(named name: String) -> Any? {
        switch name {
        case "kind": kind
        case "lineTitle": title
        case "grade": grade
        case "points": points
        default: nil
        }
    }
}

private struct MarkPart: MustacheParent {
    let grade: ScanGrade
    let y: Double

    func child(named name: String) -> Any? {
        switch name {
        case "gradeName": grade.rawValue
        case "y": Int(y)
        case "textY": Int(y) + 4
        default: nil
        }
    }
}
