import Foundation
import Kernel
import Ledger
import Store

/// A witness that the operator asks to cosign the operator's log: an outsider who remembers what it saw.
public struct Witness: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<Witness>
    /// Where it is asked, without a slash at the end: `https://witness.example`.
    public let address: String
    /// Its public key, as it hands it out.
    public let key: String
    /// The only certificates that are trusted when it is asked, in PEM; `nil` for those of the system. Where nobody vouches
    /// for a witness's address, its cosignature still proves whose answer it is.
    public let certificates: String?
    /// Since when it is asked.
    public let addedAt: Instant

    /// Where its rows lie.
    public static let table = RecordTable("witness", indexColumns: [.integer("added_at")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.integer(addedAt.milliseconds)] }

    /// What its cosignatures are checked with.
    public func verifier() throws(Problem) -> CosignatureVerifier { try CosignatureVerifier(parsing: key) }

    /// One spelling for an address.
    ///
    /// - Throws: `Problem` `witness.address` unless it is an HTTP address without query, fragment or password.
    static func checked(address text: String) throws(Problem) -> String {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard trimmed.utf8.count <= 1000, let url = URL(string: trimmed), url.scheme == "https" || url.scheme == "http",
            let host = url.host(), !host.isEmpty, url.query() == nil, url.fragment() == nil, url.user() == nil
        else {
            throw Problem(
                .invalid, code: "witness.address", "That is not a witness's address.",
                hint: "Write it like https://witness.example.", place: Problem.Place(field: "address"))
        }
        return trimmed
    }
}
