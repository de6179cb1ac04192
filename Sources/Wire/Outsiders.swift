import Kernel

/// Who outside holds the history of an organisation's ledger, so that its operator cannot rewrite it unseen.
public struct Outsiders: Hashable, Sendable, Codable {
    /// One witness that holds it.
    public struct Holder: Hashable, Sendable, Codable {
        /// The witness's name, as its key states it.
        public let name: String
        /// Its public key, with which its cosignatures are checked.
        public let key: String
        /// Up to how many entries of the organisation's ledger its word reaches.
        public let entries: Int
        /// When it last said so, by its own clock.
        public let at: Instant

        /// A holder out of its parts.
        public init(name: String, key: String, entries: Int, at: Instant) {
            self.name = name
            self.key = key
            self.entries = entries
            self.at = at
        }
    }

    /// Those whose cosignature covers a checkpoint of the ledger.
    public let holders: [Holder]
    /// How many witnesses the operator asks.
    public let asked: Int
    /// The names of those that say that they hold another history than the one here: their word, and no proof.
    public let contradicting: [String]
    /// The unique name of the operator's log, which the witnesses cosign.
    public let logOrigin: String
    /// The key that verifies it, as a C2SP `vkey`.
    public let logKey: String

    /// A view out of its parts.
    public init(holders: [Holder], asked: Int, contradicting: [String], logOrigin: String, logKey: String) {
        self.holders = holders
        self.asked = asked
        self.contradicting = contradicting
        self.logOrigin = logOrigin
        self.logKey = logKey
    }
}
