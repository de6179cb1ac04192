import Kernel
import Sigma
import Synchronization

/// What an organisation's correlations remember, over all of its sources.
final class CorrelationMemory: Sendable {
    private struct State {
        var engine: CorrelationEngine
        var next = 0
        /// The newest events that correlations looked at, so that an alert can show those that made it true.
        var events: [Int: Alert.Event] = [:]
    }

    private let state: Mutex<State>
    private static let eventLimit = 2048

    init(_ set: RuleSet) {
        state = Mutex(State(engine: CorrelationEngine(set)))
    }

    /// A correlation that became true, with the events that made it so.
    struct Match: Sendable {
        let correlation: Int
        let group: [String?]
        let events: [Alert.Event]
    }

    /// Takes the matches of one event.
    func receive(_ rules: [Int], values: [String: [UInt8]], event: Alert.Event) -> [Match] {
        state.withLock { state in
            let number = state.next
            state.next += 1
            state.events[number] = event
            state.events[number - Self.eventLimit] = nil
            let arrival = CorrelationArrival(
                rules: rules, values: values, time: Double(event.at.milliseconds) / 1000, event: number)
            return state.engine.receive(arrival).map { match in
                Match(
                    correlation: match.correlation, group: match.group,
                    events: match.events.compactMap { state.events[$0] })
            }
        }
    }

    /// Matches that were forgotten for lack of room, or came too late.
    var forgotten: Int { state.withLock { $0.engine.forgotten } }
}
