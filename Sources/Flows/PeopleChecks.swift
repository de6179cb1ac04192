import Kernel
import Store

/// What an organisation can promise about who has access, and this installation can measure.
public enum PeopleChecks {
    /// That somebody lately said of every person whether they still need their access.
    public static let accessReviewed: CheckID = "identity.access-reviewed"
    /// That nothing is left with people who are gone.
    public static let departuresComplete: CheckID = "identity.departures-complete"

    /// That people have a second factor for signing in here.
    public static let secondFactor: CheckID = "identity.second-factor"
    /// That they have one from which a page that imitates ours gets nothing.
    public static let phishingResistant: CheckID = "identity.phishing-resistant-factor"

    /// That they use the access that they have.
    public static let accessUsed: CheckID = "identity.access-used"

    /// How long an access may lie unused.
    public static let unusedDays = 90

    /// How long after somebody left something may remain with them.
    public static let departureDays = 14

    /// The declarations, for the catalogue.
    public static let checks = [
        Check(
            id: accessReviewed, title: "Access reviewed",
            measures:
                "The newest completed review of everyone's access is not older than the organisation's own period.",
            population: .installation, cadence: .hours(1), freshness: .hours(26),
            keywords: ["access review", "access rights are reviewed", "review access", "user access review"]),
        Check(
            id: departuresComplete, title: "Departures complete",
            measures:
                "Nobody left more than \(departureDays) days ago with something still to be taken back from them.",
            population: .installation, cadence: .hours(1), freshness: .hours(26),
            keywords: ["offboarding", "leavers", "access is revoked when", "termination of employment"]),
    ]

    /// What is measured of every person who belongs to the organisation; service accounts do not.
    public static let ofPeople = [
        Check(
            id: secondFactor, title: "Second factor",
            measures: "The person has a passkey or an authenticator app for signing in here.",
            population: .person, cadence: .hours(1), freshness: .hours(26),
            keywords: ["second factor", "two-factor", "multi-factor", "2fa", "mfa"]),
        Check(
            id: phishingResistant, title: "Phishing-resistant factor",
            measures: "The person has a passkey for signing in here.",
            population: .person, cadence: .hours(1), freshness: .hours(26),
            keywords: ["passkey", "phishing-resistant", "webauthn", "fido2"]),
        Check(
            id: accessUsed, title: "Access in use",
            measures:
                "The person was here, or a token acted in their name, within the last \(unusedDays) days; or joined within them.",
            population: .person, cadence: .hours(1), freshness: .hours(26),
            keywords: ["unused account", "inactive account", "dormant", "least privilege", "no longer needed"]),
    ]
}
