import Kernel
import Mustache
import Wire

/// Events an hour as bars, with strips below for hours with records that could not be read, and with matches. The table
/// behind it says the same.
struct LogHourChart: MustacheParent {
    /// Oldest first.
    let hours: [LogHour]
    let now: Instant

    /// The drawing in its own units: bars down to `floor`, then two strips.
    private static let (width, floor, faultStrip, matchStrip, thickness) = (960, 120, 128, 142, 8)

    func child(named name: String) -> Any? {
        switch name {
        case "bars": bars
        case "faultMarks": marks(at: Self.faultStrip) { $0.faults > 0 }
        case "matchMarks": marks(at: Self.matchStrip) { $0.matches > 0 }
        case "hasFaultMarks": hours.contains { $0.faults > 0 }
        case "hasMatchMarks": hours.contains { $0.matches > 0 }
        case "chartDescription": description
        case "mostWords": "\(count(most, "event")) in the busiest hour"
        case "chartStart": hours.first.map { Moment($0.start, now: now) } ?? false
        case "hourRows": hours.reversed().map(HourRow.init)
        default: nil
        }
    }

    private var most: Int { hours.map(\.events).max() ?? 0 }

    private var description: String {
        let empty = hours.count { $0.events == 0 }
        let faults = hours.map(\.faults).reduce(0, +)
        let matches = hours.map(\.matches).reduce(0, +)
        return "\(count(hours.map(\.events).reduce(0, +), "event")) in \(count(hours.count, "hour")): "
            + "at most \(grouped(most)) in one, \(grouped(empty)) of \(grouped(hours.count)) without any; "
            + "\(grouped(faults)) not in the source's form, \(count(matches, "match", "matches")) of rules"
    }

    /// What is there at all stays visible; an hour without an event is a line on the floor.
    var bars: [BarPart] {
        let most = max(1, most)
        return hours.enumerated().map { position, hour in
            guard hour.events > 0 else { return bar(at: position, y: Self.floor - 1, height: 1, isEmpty: true) }
            let share = Double(hour.events) / Double(most)
            let height = max(3, Int((share * Double(Self.floor)).rounded()))
            return bar(at: position, y: Self.floor - height, height: height)
        }
    }

    private func marks(at y: Int, where isMarked: (LogHour) -> Bool) -> [BarPart] {
        hours.enumerated().filter { isMarked($0.element) }.map { position, _ in
            bar(at: position, y: y, height: Self.thickness)
        }
    }

    private func bar(at position: Int, y: Int, height: Int, isEmpty: Bool = false) -> BarPart {
        let left = position * Self.width / hours.count
        let right = (position + 1) * Self.width / hours.count
        return BarPart(x: left, y: y, width: max(1, right - left - 3), height: height, isEmpty: isEmpty)
    }
}

/// One bar of the chart.
struct BarPart: MustacheParent, Equatable {
    let x, y, width, height: Int
    let isEmpty: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "x": x
        case "y": y
        case "width": width
        case "height": height
        case "isGap": isEmpty
        default: nil
        }
    }
}

private struct HourRow: MustacheParent {
    let hour: LogHour

    func child(named name: String) -> Any? {
        switch name {
        case "hourStart": Moment(hour.start, now: nil)
        case "hourEvents": grouped(hour.events)
        case "hourFaults": grouped(hour.faults)
        case "hourMatches": grouped(hour.matches)
        default: nil
        }
    }
}
