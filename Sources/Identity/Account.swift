import Foundation
import Kernel
import Store

/// A person with an account. Persons belong to the installation; memberships tie them to organisations.
public struct Account: Record, Codable, Hashable {
    /// What its identifier names.
    public typealias Kind = Person

    /// Its identifier, unique within the organisation.
    public let id: Identifier<Person>
    /// The name that others see.
    public let name: String
    /// The address they sign in with, as they typed it.
    public let email: String
    /// When the account was made.
    public let createdAt: Instant
    /// The keyed hash of the normalised address, by which sign-in finds the account.
    let emailIndex: [UInt8]

    /// Where its rows lie.
    public static let table = RecordTable(
        "person", indexColumns: [.blob("email_index"), .integer("created_at")],
        indexes: [TableDefinition.Index("email_index", isUnique: true)], subjectColumn: "id")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.blob(emailIndex), .integer(createdAt.milliseconds)] }

    /// One spelling for one mailbox: without surrounding space, composed, in lower case.
    ///
    /// - Throws: `Problem` `identity.email` unless it looks like an address of at most 254 bytes.
    static func normalised(email: String) throws -> String {
        let address = email.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
            .lowercased()
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        let isPrintable = address.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, address.utf8.count <= 254, isPrintable else {
            throw Problem(
                .invalid, code: "identity.email", "That is not an e-mail address.",
                hint: "Write it like name@example.org.", place: Problem.Place(field: "email"))
        }
        return address
    }
}

/// That a person may act in an organisation, and as what.
public struct Membership: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<Membership>
    /// Who may act.
    public let person: Identifier<Person>
    /// The name of their role, as ``Role`` lists it.
    public let role: String
    /// When they became a member.
    public let joinedAt: Instant
    /// When they were given this role.
    public let grantedAt: Instant
    /// Who gave it, as the ledger names actors: `person:…`, or `operator`.
    public let grantedBy: String

    /// Where its rows lie.
    public static let table = RecordTable(
        "membership", indexColumns: [.blob("person")], indexes: [TableDefinition.Index("person", isUnique: true)])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.blob(person.bytes)] }
}

/// An organisation as the installation knows it: its name, and the name in addresses.
public struct Tenant: Record, Codable, Hashable {
    /// What its identifier names.
    public typealias Kind = Organisation

    /// Its identifier, unique within the organisation.
    public let id: Identifier<Organisation>
    /// The organisation's own name, as people read it.
    public let name: String
    /// Lower-case letters, digits and hyphens: `/trust/SLUG`.
    public let slug: String
    /// When it was founded in this installation.
    public let createdAt: Instant

    /// Where its rows lie.
    public static let table = RecordTable("tenant", indexColumns: [.integer("created_at")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.integer(createdAt.milliseconds)] }

    /// The first name in addresses for `name` that no other organisation has.
    static func slug(for name: String, besides taken: Set<String>) -> String {
        let plain = slug(for: name)
        guard taken.contains(plain) else { return plain }
        var number = 2
        while taken.contains("\(plain)-\(number)") { number += 1 }
        return "\(plain)-\(number)"
    }

    /// The name in addresses for `name`: letters and digits kept, everything between them one hyphen.
    static func slug(for name: String) -> String {
        let plain = name.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil).lowercased()
        let words = plain.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let slug = words.joined(separator: "-").prefix(48)
        return slug.isEmpty ? "organisation" : String(slug)
    }
}
