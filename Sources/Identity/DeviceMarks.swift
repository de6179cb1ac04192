import Kernel
import Store

/// What a browser keeps of the people who signed in on it: a mark for each. With one of theirs, their password is taken here
/// even while guessers elsewhere have used up every attempt at it, so that nobody can lock out somebody else.
///
/// A mark is random bits with a keyed hash that binds them to the person and to their present password. Nothing is stored,
/// and a new password makes all marks void.
public struct DeviceMarks: Sendable, CustomStringConvertible {
    /// As the browser keeps it.
    public let text: String

    /// How long a browser keeps them; none keeps anything longer (RFC 6265bis §5.5).
    public static let lifetime = Period.days(400)

    private static let most = 5
    private static let plainLength = 16
    private static let length = 32

    /// Marks as a browser presented them; what is none is left out.
    public init(presented text: String?) {
        let marks = (text ?? "").prefix(Self.most * (2 * Self.length + 1)).split(separator: ".").prefix(Self.most)
            .compactMap { [UInt8](hex: String($0)) }
        self.init(marks.filter { $0.count == Self.length })
    }

    private let marks: [[UInt8]]

    private init(_ marks: [[UInt8]]) {
        self.marks = marks
        text = marks.map(\.hex).joined(separator: ".")
    }

    /// Never the secret.
    public var description: String { "(secret)" }

    var isEmpty: Bool { marks.isEmpty }

    /// The random bits of the mark that is `credential`'s, if one is.
    func mark(of credential: Credential, in view: ReadView) -> [UInt8]? {
        marks.first { Self.isMark($0, of: credential, in: view) }.map { Array($0[..<Self.plainLength]) }
    }

    /// The same marks with one of `credential` first. One that is there stays: a new one would have its attempts anew.
    func marking(_ credential: Credential, randomness: Randomness, in view: ReadView) -> DeviceMarks {
        let own = marks.first { Self.isMark($0, of: credential, in: view) }
        let plain = randomness.bytes(Self.plainLength)
        let others = marks.filter { !Self.isMark($0, of: credential, in: view) }
        return DeviceMarks(
            [own ?? plain + Self.hash(plain, credential, in: view)] + others.prefix(Self.most - 1))
    }

    private static func isMark(_ mark: [UInt8], of credential: Credential, in view: ReadView) -> Bool {
        constantTimeEquals(
            Array(mark[plainLength...]), hash(Array(mark[..<plainLength]), credential, in: view))
    }

    private static func hash(_ plain: [UInt8], _ credential: Credential, in view: ReadView) -> [UInt8] {
        view.blindIndex(
            Credential.table, "device", of: "\(plain.hex)\n\(credential.id)\n\(credential.setAt.milliseconds)")
    }
}

extension IdentityDesk {
    /// The marks to keep on a browser on which the session behind `token` has begun.
    public func marks(_ presented: DeviceMarks, with token: SecretToken) async throws -> DeviceMarks {
        let randomness = randomness
        return try await database.installation(as: .job(.session)).read { view in
            let session = try view.list(Session.self, Query("token_hash = ?", [.blob(token.hash)], limit: 1)).first?
                .record
            // Only the password makes a device known for it: whoever lets people in without it must not thereby get more
            // attempts at it.
            guard let session, session.means.contains(.password),
                let credential = try view.find(Credential.self, session.person.retyped())?.record
            else { return presented }
            return presented.marking(credential, randomness: randomness, in: view)
        }
    }
}
