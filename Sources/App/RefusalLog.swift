import Identity
import Kernel
import Logging
import Routing
import Store
import Synchronization

/// Tells the operator's log whom the server turned away, and why (ASVS 5.0 16.3.1 and 16.3.2): a line each for wrong passwords,
/// codes, passkeys and tokens, for what somebody may not, for forged forms and for whoever must wait.
///
/// A line holds identifiers and keyed hashes. No name, address, network or secret is to be read from it, while what came from
/// one network or was tried at one account can be put together.
final class RefusalLog: Sendable {
    /// Who was turned away, as far as it is known.
    struct Asker: Sendable {
        let network: String
        /// A person by a session, or a program by its token.
        var caller: Caller?
        /// The e-mail address that was given to sign in.
        var address: String?
    }

    private let identity: IdentityDesk
    private let clock: WallClock
    private let logger: Logger
    private let limit = Mutex(LineLimit())

    init(identity: IdentityDesk, clock: WallClock, logger: Logger) {
        self.identity = identity
        self.clock = clock
        self.logger = logger
    }

    /// Tells of a refusal if it is one that matters here, as often as the limit admits.
    ///
    /// - Parameter logger: The request's own, whose lines carry its number.
    func tell(_ problem: Problem, by route: Route, to asker: Asker, _ logger: Logger) async {
        guard problem.isOfSecurity else { return }
        let now = clock.now()
        tellLeftOut(at: now)
        guard limit.withLock({ $0.admits(problem.code, at: now) }) else { return }
        var metadata: Logger.Metadata = ["route": "\(route.name)", "code": "\(problem.code)"]
        if let caller = asker.caller {
            metadata["who"] = "\(caller.principal.actor)"
            metadata["organisation"] = "\(caller.tenant.id)"
        }
        // Where the database cannot be asked, a line without them is better than none.
        if let marks = try? await identity.marksForTheLog(network: asker.network, address: asker.address) {
            metadata["network"] = "\(marks.network)"
            metadata["tried"] = marks.address.map { "\($0)" }
        }
        logger.notice("A request was refused.", metadata: metadata)
    }

    /// Tells what had no line in the minutes that are over.
    func tellLeftOut(at now: Instant) {
        for left in limit.withLock({ $0.end(at: now) }) {
            logger.notice(
                "More requests were refused than are told one by one.",
                metadata: ["code": "\(left.kind)", "count": "\(left.count)"])
        }
    }

    /// The same, for the minutes that are over by now.
    func tellLeftOut() { tellLeftOut(at: clock.now()) }
}

extension Problem {
    /// Guesses that other kinds of refusal tell of.
    private static let guesses: Set = ["identity.email-taken", "recovery.current"]

    /// Whether somebody may have tried what they should not. A page that asks to sign in or to confirm first is no such thing.
    fileprivate var isOfSecurity: Bool {
        switch kind {
        case .unauthenticated: code != "session.missing"
        case .forbidden: code != "session.confirm"
        case .tooMuch: true
        case .refused: code.hasPrefix("passkey.") || code.hasPrefix("identity-provider.")
        default: Self.guesses.contains(code)
        }
    }
}
