import Kernel
import Store

extension IdentityDesk {
    /// What a person has to be told, newest first.
    public func notices(of person: Identifier<Person>) async throws -> [AccountNotice] {
        try await database.installation(as: .person(person)).read { view in
            try view.list(AccountNotice.self, Query("person = ?", [.blob(person.bytes)], order: "at DESC", limit: 50))
                .map(\.record)
        }
    }

    /// Removes the notices that a person has read. Whoever sits at somebody else's session must not hide what they changed.
    public func dismissNotices(_ signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        try await own(signedIn).change("notices.dismissed", on: Self.subject(signedIn)) { change in
            let notices = Query("person = ?", [.blob(signedIn.account.id.bytes)])
            for notice in try change.view.list(AccountNotice.self, notices) { try change.delete(notice) }
        }
    }

    static func notify(_ person: Identifier<Person>, _ text: String, in change: Change) throws {
        try change.insert(AccountNotice(id: change.newIdentifier(), person: person, text: text, at: change.now))
    }
}
