import Crypto
import Foundation
import Kernel
import Synchronization

/// All data keys of one scope: the current one seals, each opens what it sealed.
///
/// A class, because the keys that it derives for tables and columns are kept for the next row. Safe to share between threads.
public final class Keyring: Sendable, Redacted {
    /// Whose keys they are.
    public let scope: Identifier<KeyScope>
    private let keys: [Identifier<DataKey>: DataKey]
    private let current: DataKey
    private let index: DataKey
    private let derived = Mutex<[Purpose: XAES256GCM]>([:])
    private let indexes = Mutex<[Purpose: SymmetricKey]>([:])

    private struct Purpose: Hashable {
        let key: Identifier<DataKey>
        let table, column: String
    }

    /// The ring with `current` and the older keys that still have data to open.
    ///
    /// - Parameter index: The key for blind indexes, which stays when the others are rotated.
    public init(scope: Identifier<KeyScope>, current: DataKey, older: [DataKey] = [], index: DataKey) {
        self.scope = scope
        self.current = current
        self.index = index
        keys = Dictionary(([current] + older).map { ($0.id, $0) }) { first, _ in first }
    }

    /// The key that seals.
    public var currentKeyID: Identifier<DataKey> { current.id }

    /// The keys that seal or have sealed, oldest first.
    public var keyIDs: [Identifier<DataKey>] { keys.keys.sorted() }

    // MARK: - Sealing

    /// Version, key id, nonce.
    private static let frontSize = 1 + 16 + XAES256GCM.nonceSize
    private static let version: UInt8 = 1

    /// Seals a value for its place.
    ///
    /// - Returns: The envelope: version 1 ‖ key id (16 bytes) ‖ nonce (24) ‖ ciphertext ‖ tag (16); 57 bytes longer than `plaintext`.
    /// - Throws: A `Problem` if the machine cannot encrypt, or for a place of another scope (invalid, `vault.scope`).
    public func seal(_ plaintext: [UInt8], as place: SealedPlace, randomness: Randomness) throws(Problem) -> [UInt8] {
        guard place.scope == scope else {
            throw Problem(
                .invalid, code: "vault.scope", "A value of another organisation was to be sealed under this one's key.")
        }
        var front: [UInt8] = []
        front.reserveCapacity(Self.frontSize)
        front.append(Self.version)
        front.appendIdentifier(current.id)
        front.append(contentsOf: randomness.bytes(XAES256GCM.nonceSize))
        return try sealingKey(of: current, for: place).seal(
            plaintext, nonce: front[17...],
            additionalData: place.additionalData(version: Self.version, key: current.id), after: front)
    }

    /// Opens a value that belongs at `place`.
    ///
    /// - Throws: A `Problem` (refused) that names the table and row, never the content: `vault.truncated`, `vault.unknown-key`,
    ///   or `vault.tampered` when the value was changed or belongs elsewhere.
    public func open(_ sealed: [UInt8], as place: SealedPlace) throws(Problem) -> [UInt8] {
        guard sealed.count >= Self.frontSize + XAES256GCM.tagSize, sealed[0] == Self.version,
            let id = Identifier<DataKey>(bytes: sealed[1..<17])
        else {
            throw Self.refusal("truncated", place, "is cut off or not in a known form")
        }
        guard let key = keys[id] else {
            throw Self.refusal("unknown-key", place, "was sealed with the key \(id), which is not here")
        }
        let opened = try sealingKey(of: key, for: place).open(
            sealed[Self.frontSize...], nonce: sealed[17..<Self.frontSize],
            additionalData: place.additionalData(version: Self.version, key: id))
        guard let opened, place.scope == scope else {
            throw Self.refusal("tampered", place, "was changed, or belongs elsewhere")
        }
        return opened
    }

    /// The key that a stored envelope was sealed with; `nil` if it is not in a known form.
    public static func keyID(of sealed: [UInt8]) -> Identifier<DataKey>? {
        guard sealed.count >= frontSize, sealed[0] == version else { return nil }
        return Identifier(bytes: sealed[1..<17])
    }

    private func sealingKey(of key: DataKey, for place: SealedPlace) throws(Problem) -> XAES256GCM {
        let purpose = Purpose(key: key.id, table: place.table, column: place.column)
        if let known = derived.withLock({ $0[purpose] }) { return known }
        let made = try XAES256GCM(key.derived(for: ["seal", place.table, place.column]))
        derived.withLock { $0[purpose] = made }
        return made
    }

    private static func refusal(_ code: String, _ place: SealedPlace, _ what: String) -> Problem {
        let row = place.row.count == 16 ? Identifier<KeyScope>(bytes: place.row)?.description : nil
        return Problem(
            .refused, code: "vault.\(code)",
            "The stored \(place.column) of \(place.table) \(row ?? place.row.hex) \(what).",
            hint: "Restore the row from a backup. Everything else can still be read.",
            place: Problem.Place(field: "\(place.table).\(place.column)"))
    }
}

// MARK: - Exact look-ups

extension Keyring {
    /// A keyed hash by which an equal value can be found again without being readable.
    ///
    /// Only for e-mail addresses and outside ids: whoever sees the column learns which rows have the same value.
    ///
    /// - Parameter normalised: The value in the one spelling in which it is looked up.
    /// - Returns: 16 bytes, the beginning of an HMAC-SHA256.
    public func blindIndex(of normalised: [UInt8], table: String, column: String) -> [UInt8] {
        let purpose = Purpose(key: index.id, table: table, column: column)
        let key =
            indexes.withLock { $0[purpose] }
            ?? {
                let made = index.derived(for: ["bidx", table, column])
                indexes.withLock { $0[purpose] = made }
                return made
            }()
        return Array(HMAC<SHA256>.authenticationCode(for: normalised, using: key).prefix(16))
    }
}
