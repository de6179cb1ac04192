import Kernel
import Ledger
import Store

/// The witnesses that the operator asks, and what came of it.
public struct WitnessDesk: Sendable {
    private let database: Database

    /// A desk over the installation's part of `database`.
    public init(database: Database) {
        self.database = database
    }

    /// More would not fit into a checkpoint that others must read.
    static let limit = 32

    /// Has a witness asked from now on.
    ///
    /// - Parameters:
    ///   - address: Where it is asked: `https://witness.example`.
    ///   - key: Its public key, from a place that can be trusted.
    ///   - certificates: The only certificates to trust when it is asked, in PEM; `nil` for those of the system.
    /// - Throws: `Problem`: `note.key`, `witness.address` (invalid), `witness.known` (conflict) if the key or the name is
    ///   asked already, `witness.limit` (tooMuch).
    public func add(
        _ address: String, key: String, certificates: String? = nil, as principal: Principal
    ) async throws -> Witness {
        let address = try Witness.checked(address: address)
        let verifier = try CosignatureVerifier(parsing: key)
        return try await database.installation(as: principal).change("witness.added") { change in
            let known = try change.view.list(Witness.self).map(\.record)
            for other in known {
                let theirs = try other.verifier()
                // One key is one witness, and one name is removed by that name.
                guard theirs.publicKey != verifier.publicKey, theirs.name != verifier.name else {
                    throw Problem(
                        .conflict, code: "witness.known", "The witness \(theirs.name) is asked already.",
                        hint: "Remove it first: vouchsafe witness remove \(theirs.name)")
                }
            }
            guard known.count < Self.limit else {
                throw Problem(.tooMuch, code: "witness.limit", "There are \(Self.limit) witnesses already.")
            }
            return try change.insert(
                Witness(
                    id: change.newIdentifier(), address: address, key: verifier.text, certificates: certificates,
                    addedAt: change.now)
            ).record
        }
    }

    /// Stops asking the witness called `name`, and forgets what it cosigned last.
    ///
    /// - Throws: `Problem` `witness.not-found` if there is none of that name.
    public func remove(_ name: String, as principal: Principal) async throws {
        let removed = try await database.installation(as: principal).change("witness.removed") { change in
            for stored in try change.view.list(Witness.self) where try stored.record.verifier().name == name {
                try change.delete(stored)
                return stored.record
            }
            throw Problem(
                .notFound, code: "witness.not-found", "There is no witness called \(name).",
                hint: "`vouchsafe witness list` shows their names.")
        }
        try await database.operatorLog.forget(try removed.verifier())
    }

    /// The witnesses that are asked, the oldest first.
    public func witnesses(as principal: Principal) async throws -> [Witness] {
        try await database.installation(as: principal).read { view in
            try view.list(Witness.self, Query(order: "added_at")).map(\.record)
        }
    }

    /// The record tables of this room, for the ledger's verification.
    public static let tables = [Witness.table]

    /// The schema of this room.
    public static let migrations = [
        Migration("witnesses.1", creates: tables.map(\.definition))
    ]
}
