import Identity
import Kernel

/// Who asks: everyone whom the server can tell apart.
enum Asker: Sendable, CustomStringConvertible {
    case session(Inhabitants.Member)
    case token(Inhabitants.Member)
    case serviceAccount(Inhabitants)
    case visitor
    case endedSession(Inhabitants.Member)
    case revokedToken(Inhabitants)

    var description: String {
        switch self {
        case .session(let member): "\(member.name) by session"
        case .token(let member): "\(member.name) by token"
        case .serviceAccount: "service account"
        case .visitor: "visitor"
        case .endedSession: "ended session"
        case .revokedToken: "revoked token"
        }
    }

    /// Everyone who may ask about alder.
    static func all(in world: World) -> [Asker] {
        let people = world.alder.people + [world.both]
        return people.map(Asker.session) + people.map(Asker.token)
            + [
                .serviceAccount(world.alder), .visitor, .endedSession(people[0]), .revokedToken(world.alder),
            ]
    }

    /// Whether the request carries a token, good or not.
    var isProgram: Bool {
        switch self {
        case .token, .serviceAccount, .revokedToken: true
        case .session, .visitor, .endedSession: false
        }
    }

    /// What they may; `nil` for nobody in particular.
    var permissions: Set<Permission>? {
        switch self {
        case .session(let member): member.role.permissions
        case .token(let member):
            member.role.permissions.intersection(Permission.ofTokens).union(Permission.allCases.filter(\.isForAnyone))
        case .serviceAccount: Set(Permission.ofTokens).union(Permission.allCases.filter(\.isForAnyone))
        case .visitor, .endedSession, .revokedToken: nil
        }
    }

    /// The person behind it, if there is one.
    var person: Inhabitants.Member? {
        switch self {
        case .session(let member), .token(let member), .endedSession(let member): member
        case .serviceAccount, .visitor, .revokedToken: nil
        }
    }
}
