import Kernel

/// What one follower keeps, read at the beginning of a look and replaced at its end.
struct FollowerFile: Sendable {
    private let file: DurableFile
    private let limit: Int

    init(_ path: String, limit: Int) {
        file = DurableFile(path)
        self.limit = limit
    }

    var path: String { file.path }

    /// The state as it is now; `nil` before the first.
    func read() throws(Problem) -> [UInt8]? { try file.read(limit: limit) }

    /// Puts `state` in the place of `known`, which this look began with.
    ///
    /// - Throws: `Problem`: `follower.changed` (refused) if something else stands there by now, `follower.too-long`
    ///   (tooMuch) if it could not be read again.
    func replace(_ known: [UInt8]?, with state: [UInt8]) throws(Problem) {
        guard state != known else { return }
        guard state.count <= limit else {
            throw Problem(
                .tooMuch, code: "follower.too-long", "What is to be kept of the log has \(state.count) bytes.",
                hint: "At most \(limit) are kept. Such a log is not followed here.", place: Problem.Place(file: path))
        }
        guard try read() == known else {
            throw Problem(
                .refused, code: "follower.changed", "The state was changed while the ledger was followed.",
                hint: "Let nothing else write to it, and follow once more.", place: Problem.Place(file: path))
        }
        try file.replace(with: state, mode: 0o644)
    }
}
