import Crypto
import Foundation
import Kernel
import OpenIDConnect
import Store

/// A visit of a browser to an organisation's provider. The browser keeps it, in a cookie that only this server can have
/// written: visitors cannot fill the database with them, and no other browser can end one.
public struct ProviderVisit: Sendable {
    /// What the visit is for.
    enum Purpose: Codable, Hashable, Sendable {
        case signIn
        /// To take an invitation, as somebody who will be called so.
        case join(invitation: String, name: String, email: String)
        /// To be let in this way from now on.
        case link(Identifier<Person>, Identifier<Session>)
        /// To show once more who it is.
        case confirm(Identifier<Person>, Identifier<Session>)
    }

    private struct Content: Codable {
        let secret: String
        let organisation: Identifier<Organisation>
        /// One that was set anew in between is another one.
        let provider: Identifier<IdentityProvider>
        let begunAt: Int64
        let purpose: Purpose
    }

    /// What the browser keeps.
    public let cookie: SecretToken
    /// What the provider is asked, and what ties its answer to this visit.
    public let request: AuthorizationRequest
    /// Where the browser was sent.
    public let provider: IdentityProvider
    /// When.
    public let begunAt: Instant
    let organisation: Identifier<Organisation>
    let purpose: Purpose

    /// How long the provider may take.
    static let lifetime = Period.minutes(10)
    /// Which visits came back already; each does so once.
    static let spent = TableDefinition(
        "provider_visit", kind: .disposable, columns: [.blob("visit"), .integer("until")], primaryKey: ["visit"],
        indexes: [TableDefinition.Index("until")])

    /// Begins one.
    init(
        to provider: IdentityProvider, of organisation: Identifier<Organisation>, for purpose: Purpose, at now: Instant,
        randomness: Randomness, in view: ReadView
    ) throws {
        let content = Content(
            secret: randomness.bytes(32).hex, organisation: organisation, provider: provider.id,
            begunAt: now.milliseconds, purpose: purpose)
        let text = Base64URL.text([UInt8](try JSONEncoder().encode(content)))
        self.init(content, text, provider, in: view)
    }

    private init(_ content: Content, _ text: String, _ provider: IdentityProvider, in view: ReadView) {
        cookie = SecretToken(presented: "\(text).\(Self.mark("visit", of: text, in: view))")
        let demandsNewSignIn = if case .confirm = content.purpose { true } else { false }
        request = AuthorizationRequest(
            state: Self.mark("state", of: text, in: view), nonce: Self.mark("nonce", of: text, in: view),
            verifier: Self.mark("verifier", of: text, in: view) + Self.mark("verifier, continued", of: text, in: view),
            demandsNewSignIn: demandsNewSignIn)
        self.provider = provider
        begunAt = Instant(milliseconds: content.begunAt)
        organisation = content.organisation
        purpose = content.purpose
    }

    /// Which organisation a cookie of ours is about, once it is known to be ours and not too old.
    ///
    /// - Returns: What becomes a visit with the provider that the organisation has now.
    /// - Throws: `Problem` `identity-provider.visit`.
    static func opened(_ cookie: SecretToken, at now: Instant, in view: ReadView) throws -> Opened {
        let parts = cookie.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard cookie.text.utf8.count <= 4096, parts.count == 2,
            constantTimeEquals(Array(parts[1].utf8), Array(mark("visit", of: parts[0], in: view).utf8)),
            let bytes = Base64URL.bytes(parts[0]),
            let content = try? JSONDecoder().decode(Content.self, from: Data(bytes))
        else { throw refusal }
        let begunAt = Instant(milliseconds: content.begunAt)
        guard begunAt <= now, now < begunAt + lifetime else { throw refusal }
        return Opened(organisation: content.organisation) { provider, view in
            guard provider.id == content.provider else { throw refusal }
            return ProviderVisit(content, parts[0], provider, in: view)
        }
    }

    struct Opened: Sendable {
        let organisation: Identifier<Organisation>
        let visit: @Sendable (IdentityProvider, ReadView) throws -> ProviderVisit
    }

    /// What is kept of it once it came back.
    var mark: [UInt8] { Array(SHA256.hash(data: Array(cookie.text.utf8))) }

    static var refusal: Problem {
        Problem(
            .unauthenticated, code: "identity-provider.visit",
            "This visit to the provider took too long, was ended already, or was not begun in this browser.",
            hint: "Begin again on our own page, and go through it in one window.")
    }

    private static func mark(_ purpose: String, of text: String, in view: ReadView) -> String {
        view.blindIndex(LinkedIdentity.table, purpose, of: text).hex
    }
}
