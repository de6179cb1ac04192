import Foundation
import Identity
import Kernel
import Routing

/// Where outsiders report a weakness of this server (RFC 9116).
public struct SecurityContact: Sendable {
    private let contact: String
    private let server: String?

    /// How long the file says that it holds. Computed at each reading, so that a running server's file never runs out;
    /// RFC 9116 §2.5.5 advises less than a year.
    private static let validFor = Period.days(180)

    static let path = "/.well-known/security.txt"

    /// - Parameters:
    ///   - contact: An e-mail address, or an address that begins with `https:`, `mailto:` or `tel:`.
    ///   - server: The address by which people reach this server; `nil` leaves the canonical address out.
    /// - Throws: `Problem` if either is no such address.
    public init(_ contact: String, server: String? = nil) throws {
        let isMail = contact.contains("@") && !contact.contains(":")
        let address = isMail ? "mailto:\(contact)" : contact
        guard ["https://", "mailto:", "tel:"].contains(where: { address.hasPrefix($0) && address.count > $0.count }),
            Self.isPlain(address)
        else {
            throw Problem(
                .invalid, code: "security.contact", "The security contact is no address that anyone could write to.",
                hint: "Give an e-mail address, or one that begins with https://, mailto: or tel:.")
        }
        if let server {
            guard let parts = URLComponents(string: server), parts.scheme == "https", parts.host?.isEmpty == false,
                ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil, parts.user == nil,
                Self.isPlain(server)
            else {
                throw Problem(
                    .invalid, code: "security.address", "That is no address of a server.",
                    hint: "Give one such as https://trust.example.org.")
            }
        }
        self.contact = address
        self.server = server.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    }

    /// Nothing that could begin another line of the file, and nothing that a URI does not hold.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The file.
    func text(at now: Instant) -> String {
        let day = Int64(86_400_000)
        let expires = Instant(milliseconds: (now.milliseconds / day + 1) * day) + Self.validFor
        var lines = ["Contact: \(contact)", "Expires: \(expires)", "Preferred-Languages: en"]
        if let server { lines.append("Canonical: \(server)\(Self.path)") }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The addresses that every site has in the same place (RFC 8615).
struct WellKnownRoutes: Sendable {
    let contact: SecurityContact?

    var table: [Route] {
        [
            Route(
                .get, SecurityContact.path, name: "readSecurityContact", summary: "Where to report a weakness",
                permission: .readPublications, scope: .published, audience: .browser, response: .media("text/plain")
            ) { [contact] call in
                guard let contact else {
                    throw Problem(
                        .notFound, code: "security.no-contact", "This server names no contact for security.",
                        hint: "Its operator sets one with serve --security-contact.")
                }
                var answer = Answer(
                    contentType: "text/plain; charset=utf-8", .bytes(Array(contact.text(at: call.now).utf8)))
                answer.publicFor = .hours(1)
                return answer
            },
            // Password programs lead people here (W3C, A Well-Known URL for Changing Passwords).
            Route(
                .get, "/.well-known/change-password", name: "leadToPassword",
                summary: "Leads to where a password is changed", permission: .readPublications, scope: .none,
                audience: .browser, response: .redirect
            ) { _ in .seeOther("/account") },
        ]
    }
}
