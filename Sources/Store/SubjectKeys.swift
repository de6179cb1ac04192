import Kernel
import Vault

/// The keys of persons, as rows and for as long as one transaction: each is unwrapped once.
final class SubjectKeys {
    private let session: any SQLSession
    private let organisation: Identifier<Organisation>
    private let keyring: Keyring
    private let randomness: Randomness
    private var opened: [Identifier<Subject>: SubjectKey] = [:]

    init(
        session: any SQLSession, organisation: Identifier<Organisation>, keyring: Keyring, randomness: Randomness
    ) {
        self.session = session
        self.organisation = organisation
        self.keyring = keyring
        self.randomness = randomness
    }

    /// The key that opens what is about `subject`.
    ///
    /// - Throws: `Problem` `vault.erased` if there is none any more.
    func key(of subject: Identifier<Subject>) throws -> SubjectKey {
        guard let key = try stored(subject) else {
            throw Problem(
                .refused, code: "vault.erased", "The key of \(subject) is gone: what was about them cannot be read.",
                hint: "If they were not erased on purpose, restore the newest backup.")
        }
        return key
    }

    /// The key that seals what is about `subject`; made with the first such row.
    func keyForWriting(_ subject: Identifier<Subject>) throws -> SubjectKey {
        if let key = try stored(subject) { return key }
        let key = try SubjectKey(for: subject, randomness: randomness)
        try session.send(
            "INSERT INTO subject_key (organisation, subject, wrapped) VALUES (?, ?, ?)",
            [
                .blob(organisation.bytes), .blob(subject.bytes),
                .blob(try key.wrapped(by: keyring, randomness: randomness)),
            ])
        opened[subject] = key
        return key
    }

    /// Destroys the key of `subject`, and with it everything that it sealed.
    ///
    /// - Returns: Whether there was one.
    func destroy(_ subject: Identifier<Subject>) throws -> Bool {
        opened[subject] = nil
        return try session.execute(
            "DELETE FROM subject_key WHERE organisation = ? AND subject = ?",
            [.blob(organisation.bytes), .blob(subject.bytes)]) == 1
    }

    private func stored(_ subject: Identifier<Subject>) throws -> SubjectKey? {
        if let key = opened[subject] { return key }
        let key = try session.first(
            "SELECT wrapped FROM subject_key WHERE organisation = ? AND subject = ?",
            [.blob(organisation.bytes), .blob(subject.bytes)]
        ) { try SubjectKey(for: subject, unwrapping: $0.blob(0), by: keyring) }
        opened[subject] = key
        return key
    }
}
