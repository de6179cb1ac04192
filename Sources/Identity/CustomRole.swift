import Kernel
import Store

/// A role of an organisation's own. Memberships keep its identifier, so that it may be called something else later.
public struct CustomRole: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<CustomRole>
    /// What people call it; unique in the organisation, whatever its case.
    public let title: String
    /// What it adds to what every person may do.
    public let permissions: [Permission]
    /// When it was last changed.
    public let changedAt: Instant
    /// By whom, as the ledger names actors.
    public let changedBy: String

    /// Where its rows lie.
    public static let table = RecordTable("custom_role")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }

    /// It as any other role.
    public var role: Role { Role(name: id.description, title: title, permissions: Set(permissions)) }

    /// What a custom role may hold: nothing that every person has anyway, and nothing that makes an owner.
    public static let choices = Permission.allCases.filter { !$0.isForEveryPerson && $0 != .changeOwners }
}
