import Identity
import Kernel

extension Rooms {
    /// Whether somebody's second factors will do. The evidence names kinds of factors and nothing else of them.
    static func judge(_ factors: [SecondFactor], by check: CheckID) -> Measurement {
        let isStrict = check == PeopleChecks.phishingResistant
        let kinds = factors.map(\.rawValue).joined(separator: ", ")
        let evidence = [
            Evidence(
                source: "the second factors of the account", content: factors.isEmpty ? "none" : kinds)
        ]
        let demand: SignInDemand = isStrict ? .phishingResistant : .secondFactor
        guard !demand.canBeMet(with: factors) else { return Measurement(.pass, value: kinds, evidence: evidence) }
        return Measurement(
            .fail, value: factors.isEmpty ? "no second factor" : "\(kinds), and no passkey", evidence: evidence,
            fix: isStrict
                ? "Ask them to add a passkey on their page /account, or demand it of everyone at /organisation/sign-in."
                : "Ask them to add a passkey or an authenticator app on their page /account, or demand it of everyone at "
                    + "/organisation/sign-in.")
    }
}
