import AsyncHTTPClient
import Foundation
import Synchronization

/// Writers that ask a running server for one exception after the other, each with a reason of its own.
final class RequestLoad: Sendable {
    /// What came of the requests so far.
    struct Record {
        /// The reasons of the requests that were answered with 201.
        var acknowledged: Set<String> = []
        /// How often a request was refused, by status and code.
        var refusals: [String: Int] = [:]
        /// How many were never answered.
        var unanswered = 0
        fileprivate var isStopped = false
    }

    private let visitor: Visitor
    private let state = Mutex(Record())
    private let until = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format())

    init(by visitor: Visitor) { self.visitor = visitor }

    var record: Record { state.withLock { $0 } }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Writes until it is stopped.
    ///
    /// - Parameters:
    ///   - isPatient: Whether to go on when nobody answers.
    ///   - told: Called after every answer, with the number of acknowledgements of this run.
    func run(
        at address: String, writers: Int = 8, isPatient: Bool, told: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        let run = UInt32.random(in: 0 ... .max)
        let before = state.withLock { state in
            state.isStopped = false
            return state.acknowledged.count
        }
        try await Visitor.withClient { client in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        var number = 0
                        while !self.record.isStopped {
                            number += 1
                            let isAnswered = await self.ask("\(run).\(writer).\(number)", at: address, through: client)
                            guard isAnswered || isPatient else { return }
                            told(self.record.acknowledged.count - before)
                        }
                    }
                }
            }
        }
    }

    /// The reasons that `vouchsafe exception list --format json` printed.
    static func reasons(in listed: Program.Outcome) -> Set<String> {
        let lines = listed.json as? [[String: Any]] ?? []
        return Set(lines.compactMap { ($0["exception"] as? [String: Any])?["reason"] as? String })
    }

    /// - Returns: Whether there was an answer.
    private func ask(_ reason: String, at address: String, through client: HTTPClient) async -> Bool {
        do {
            let answer = try await visitor.post(
                address + "/api/v1/commitments/desk-rules/disks/exceptions", ["reason": reason, "until": until],
                through: client)
            state.withLock { state in
                if answer.status == 201 {
                    state.acknowledged.insert(reason)
                } else {
                    state.refusals["\(answer.status) \(answer.code)", default: 0] += 1
                }
            }
            return true
        } catch {
            state.withLock { $0.unanswered += 1 }
            return false
        }
    }
}
