import Foundation
import Hummingbird

/// A page of ours to which a person goes back: only ever a path, so that nobody is sent to another site.
struct OwnPage: Hashable, Sendable {
    let path: String

    /// The page that a path names; the account's where it is no plain path.
    init(_ text: String?) {
        let isPlain =
            text.map { text in
                text.utf8.count <= 512 && text.hasPrefix("/") && !text.hasPrefix("//")
                    && text.utf8.allSatisfy { Self.plain.contains($0) }
            } ?? false
        path = isPlain ? text ?? Self.usual : Self.usual
    }

    /// The page from which a form was sent, as the browser tells it.
    init(before request: Request) {
        let referer = request.headers[.referer].flatMap { URL(string: $0) }
        self.init(referer?.path(percentEncoded: true))
    }

    /// For an address whose page leads back here.
    var asQuery: String { path == Self.usual ? "" : "?then=\(path)" }

    private static let usual = "/account"
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_.~".utf8)
}
