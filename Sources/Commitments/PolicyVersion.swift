import Foundation
import Kernel
import Store

/// One version of a published policy, kept verbatim, with the pack that says what it promises.
public struct PolicyVersion: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<PolicyVersion>
    /// The policy's own id, as its pack names it; the same for all its versions.
    public let policy: String
    /// The pack, verbatim YAML.
    public let pack: String
    /// When it was imported; time before does not count.
    public let importedAt: Instant
    /// When a newer version took its place; `nil` for the current one.
    public let supersededAt: Instant?
    /// As `Data`, because that is written in base64 and not as a list of numbers.
    private let textData: Data?

    /// The text, if it was imported with the pack.
    public var text: [UInt8]? { textData.map { [UInt8]($0) } }

    init(
        id: Identifier<PolicyVersion>, policy: String, pack: String, text: [UInt8]?, importedAt: Instant,
        supersededAt: Instant?
    ) {
        self.id = id
        self.policy = policy
        self.pack = pack
        self.importedAt = importedAt
        self.supersededAt = supersededAt
        textData = text.map { Data($0) }
    }

    /// Where its rows lie.
    public static let table = RecordTable(
        "policy_version", indexColumns: [.integer("imported_at"), .integer("superseded_at").optional])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.integer(importedAt.milliseconds), supersededAt.map { .integer($0.milliseconds) } ?? .null]
    }

    func superseded(at moment: Instant) -> PolicyVersion {
        PolicyVersion(
            id: id, policy: policy, pack: pack, text: text, importedAt: importedAt, supersededAt: moment)
    }
}

/// The lasting name of one commitment, through all versions of its policy: what exceptions and statements refer to.
public struct Commitment: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<Commitment>
    /// The policy's id, as its pack names it.
    public let policy: String
    /// The commitment's id within the policy, as packs name it.
    public let name: String

    /// Where its rows lie.
    public static let table = RecordTable("commitment")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }
}
