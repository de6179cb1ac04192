import Flows
import Foundation
import Kernel
import Routing
import Store
import TestSupport

@testable import App
@testable import Identity

extension Examples {
    /// The routes whose body names a thing, and not only their address.
    static let namingInTheBody: Set = [
        "giveRole", "invite", "decideOnAccess", "decideOnServiceAccount", "sendInvitation", "sendRoleChange",
        "changeOver",
    ]

    /// A body that `route` takes.
    ///
    /// - Parameter naming: Whose the thing is that the body names, if it names one.
    /// - Throws: `Problem` `test.no-example` that names a route without an example.
    func body(of route: Route, as asker: Asker, naming: Naming = .own) async throws -> Asking.Body {
        guard route.method == .post else { return .none }
        if route.permission == .signIn { return try signingIn(route) }
        if route.permission == .changeOwnAccount { return try await ownAccount(route, asker, naming) }
        let until = (world.clock.now + .days(20)).description
        let unique = "alder-\(world.randomText(4))"
        let role = named(naming, own: "member", foreign: world.birch.customRole.name)
        switch route.name {
        case "requestException": return .json(#"{"reason":"alder-reason","until":"\#(until)"}"#)
        case "sendExceptionRequest": return .form([("reason", "alder-reason"), ("until", until)])
        case "approveException", "sendExceptionApproval", "revokeInvitation", "sendRevocation", "startReview",
            "sendReview", "completeReview", "sendSignOut", "sendReviewCompletion", "tickOffDepartureItem",
            "sendDepartureItemDone",
            "sendRoleRemoval", "sendServiceAccountRemoval", "sendServiceAccountTokenRevocation":
            return .none
        case "importPolicy":
            let example = Inhabitants.policy("alder-more", version: unique)
            return .json(try json(["pack": example.pack, "text": example.text]))
        case "checkIdentityProvider", "removeIdentityProvider": return .none
        case "sendIdentityProvider":
            return .form([("name", unique), ("issuer", "localhost"), ("clientID", "alder-client")])
        case "startRecovery": return .json(#"{"reason":"alder-reason"}"#)
        case "sendRecovery": return .form([("reason", "alder-reason")])
        case "confirmRecovery", "sendRecoveryConfirmation", "sendRecoveryWithdrawal": return .none
        case "demandAtSignIn": return .json(#"{"demand":"none"}"#)
        case "sendSignInDemand": return .form([("demand", "none")])
        case "makeServiceAccountToken":
            return .json(#"{"name":"\#(unique)","permissions":["commitments.read"],"until":"\#(until)"}"#)
        case "makeServiceAccount":
            return .json(#"{"name":"\#(unique)","purpose":"alder-purpose","permissions":["commitments.read"]}"#)
        case "sendServiceAccount":
            return .form([("name", unique), ("purpose", "alder-purpose"), ("commitments.read", "on")])
        case "sendServiceAccountToken":
            return .form([("name", unique), ("days", "30"), ("commitments.read", "on")])
        case "giveRole": return .json(#"{"role":"\#(naming == .own ? "security" : role)"}"#)
        case "sendRoleChange": return .form([("role", naming == .own ? "security" : role)])
        case "endAccess": return .json(#"{"remaining":["alder-keys"]}"#)
        case "sendDeparture": return .form([("remaining", "alder-keys")])
        case "invite": return .json(#"{"email":"\#(unique)@example.org","role":"\#(role)"}"#)
        case "sendInvitation": return .form([("email", "\(unique)@example.org"), ("role", role)])
        case "makeRole", "changeRole": return .json(#"{"title":"\#(unique)","permissions":["hosts.read"]}"#)
        case "sendRole", "sendRoleEdit": return .form([("title", unique), ("hosts.read", "on")])
        case "setReviewRhythm": return .json(#"{"days":90}"#)
        case "sendReviewRhythm": return .form([("days", "90")])
        case "decideOnAccess":
            let person = named(
                naming, own: world.alder.people[3].account.id.description,
                foreign: world.birch.people[3].account.id.description)
            return .json(#"{"person":"\#(person)","decision":"keep"}"#)
        case "decideOnServiceAccount":
            let account = named(
                naming, own: world.alder.serviceAccount.id.description,
                foreign: world.birch.serviceAccount.id.description)
            return .json(#"{"account":"\#(account)","decision":"keep"}"#)
        case "sendReviewDecision", "sendServiceAccountDecision": return .form([("decision", "keep")])
        case "registerSite": return .json(#"{"address":"https://\#(unique).example"}"#)
        case "sendSite": return .form([("address", "https://\(unique).example"), ("web", "on")])
        case "scanSite", "sendSiteScan", "sendSiteRemoval": return .none
        case "registerLogSource": return .json(#"{"name":"\#(unique)","format":"json"}"#)
        case "sendLogSource": return .form([("name", unique), ("format", "json"), ("silenceHours", "24")])
        case "sendLogSourceRemoval", "endSuppression", "removeTuning": return .none
        case "sendLogRecords": return .json(#"{"message":"alder-record"}"#)
        case "signLogReview": return .form([("findings", "alder-findings"), ("exceptions", "")])
        case "acknowledgeAlert": return .json(#"{"note":"alder-note"}"#)
        case "acknowledgeAlertByForm": return .form([("note", "alder-note")])
        case "closeAlert": return .json(#"{"outcome":"harmless","note":"alder-note"}"#)
        case "closeAlertByForm": return .form([("outcome", "harmless"), ("note", "alder-note")])
        case "suppressRule": return .json(#"{"days":7,"reason":"alder-reason"}"#)
        case "suppressRuleByForm": return .form([("days", "7"), ("reason", "alder-reason")])
        case "tuneRule": return .json(#"{"choice":0,"reason":"alder-reason"}"#)
        case "tuneRuleByForm": return .form([("choice", "0"), ("reason", "alder-reason")])
        case "replaceRules":
            let rule =
                "title: \(unique)\nid: \(unique)\nlogsource:\n    product: linux\ndetection:\n    any:\n        message: \(unique)\n    condition: any\n"
            return .json(
                #"{"name":"\#(unique)","files":[{"path":"a.yml","text":\#(String(decoding: try JSONEncoder().encode(rule), as: UTF8.self))}]}"#
            )
        case "addDepartureItem": return .json(#"{"text":"alder-badge"}"#)
        case "sendDepartureItem": return .form([("text", "alder-badge")])
        default: throw Self.noExample(of: route)
        }
    }

    private func signingIn(_ route: Route) throws -> Asking.Body {
        switch route.name {
        case "signIn":
            return .form([("email", "alder-owner@example.org"), ("password", World.password)])
        case "signOut", "signInAtProvider", "joinAtProvider": return .none
        case "setUp", "join":
            let name = "alder-\(world.randomText(4))"
            return .form([("name", name), ("email", "\(name)@example.org"), ("password", World.password)])
        case "recover": return .form([("password", World.password)])
        case "declareLoss": return .none
        case "signInWithRecoveryCode":
            return .form([("email", "alder-owner@example.org"), ("code", "AAAA-AAAA-AAAA-AAAA")])
        case "takeSecondStep": return .form([("code", "000000")])
        case "askPasskey", "askSecondPasskey": return .json("{}")
        case "takePasskey", "takeSecondPasskey": return .json(Self.strangePasskey)
        default: throw Self.noExample(of: route)
        }
    }

    private func ownAccount(_ route: Route, _ asker: Asker, _ naming: Naming) async throws -> Asking.Body {
        switch route.name {
        case "makeToken":
            let until = (world.clock.now + .days(20)).description
            return .json(
                #"{"name":"alder-\#(world.randomText(4))","permissions":["commitments.read"],"until":"\#(until)"}"#)
        case "sendToken":
            return .form([("name", "alder-\(world.randomText(4))"), ("days", "30"), ("commitments.read", "on")])
        case "confirm": return .form([("password", World.password), ("code", "")])
        case "changePassword": return .form([("current", World.password), ("password", World.password)])
        case "confirmApp":
            guard case .session(let person) = asker else { return .form([("code", "000000")]) }
            let signedIn = try await signedIn(person)
            _ = try await world.rooms.identity.beginApp(of: signedIn, issuer: "Vouchsafe")
            let secret = try await world.installation.database.installation(as: .operator).read { view in
                try view.find(Factors.self, signedIn.account.id.retyped())?.record.appToConfirm?.app.secret ?? []
            }
            let step = world.clock.now.milliseconds / OneTimePassword.step
            return .form([("code", OneTimePassword.code(secret: secret, counter: step))])
        case "linkIdentity", "unlinkIdentity", "confirmAtProvider": return .none
        case "dismissNotices", "addApp", "removeApp", "makeRecoveryCodes", "removePasskey", "endSession",
            "endOtherSessions", "sendTokenRevocation":
            return .none
        case "askNewPasskey", "askConfirmPasskey": return .json("{}")
        case "confirmByPasskey": return .json(Self.strangePasskey)
        case "addPasskey": return .json(#"{"name":"alder-key","credential":\#(Self.strangeCredential)}"#)
        case "changeOver":
            return .form([
                (
                    "organisation",
                    named(naming, own: world.alder.tenant.slug, foreign: world.birch.tenant.slug)
                )
            ])
        default: throw Self.noExample(of: route)
        }
    }

    private func named(_ naming: Naming, own: String, foreign: String) -> String {
        switch naming {
        case .own: own
        case .foreign: foreign
        case .nobodys: Self.nobody
        case .malformed(let text): text
        }
    }

    /// What an authenticator would answer; nobody here can sign one. The browser's tests use real ones.
    private static let strangePasskey =
        #"{"credential":{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"AAAA","authenticatorData":"AAAA","signature":"AAAA"}}}"#
    private static let strangeCredential =
        #"{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"AAAA","attestationObject":"AAAA"}}"#

    private func json(_ object: [String: String]) throws -> String {
        String(decoding: try JSONEncoder().encode(object), as: UTF8.self)
    }

    private static func noExample(of route: Route) -> Problem {
        Problem(
            .invalid, code: "test.no-example",
            "The route \(route.name) takes a body and has no example. Give it one in Examples+Bodies.swift.")
    }
}
