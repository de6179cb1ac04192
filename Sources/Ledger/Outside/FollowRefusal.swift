import Kernel

/// Why a ledger could not be followed, with both checkpoints as they were signed, so that a person can publish them.
public struct FollowRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What does not hold; its code begins with `follow.`.
    public let problem: Problem
    /// The checkpoint that was followed last, byte for byte; none if it was the first.
    public let followed: [UInt8]?
    /// The checkpoint that the ledger shows now, byte for byte as it was received.
    public let shown: [UInt8]
    /// The checkpoints of an organisation's ledger that the operator's log shows, where they are what does not fit.
    public let leaves: [[UInt8]]

    init(problem: Problem, followed: [UInt8]?, shown: [UInt8], leaves: [[UInt8]] = []) {
        self.problem = problem
        self.followed = followed
        self.shown = shown
        self.leaves = leaves
    }

    /// Whether the two checkpoints alone prove to anyone that the ledger signed two histories. Otherwise the entries
    /// that were downloaded belong to the proof, and the ledger's own view of them may differ.
    public var isProofOfFork: Bool { problem.code == "follow.fork" }

    /// The problem as the command line prints it.
    public var description: String { problem.description }
}
