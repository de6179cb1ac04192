import Flows
import Identity
import Kernel
import Pages
import Routing
import Wire

/// The pages by which somebody is helped back into their account: for those who help, and behind the link.
extension PageRoutes {
    var recovering: [Route] { helping + recoveryDoors }

    // MARK: - Helping

    private var helping: [Route] {
        [
            form(
                "/people/{person}/recovery", "sendRecovery", "Start the recovery of an account", .recoverPeople,
                [Self.person]
            ) { [rooms, renderer] call in
                let made = try await rooms.startRecovery(
                    of: try call.parameter("person"), because: try call.form()["reason"] ?? "", by: try call.asker())
                let address = "https://\(call.authority)\(made.path)"
                return .page(renderer.recoveryMade(made, address: address, in: Self.frame(call)), status: 201)
            } again: {
                try await personPage($0, form: $1)
            },
            form(
                "/people/{person}/recovery/confirmation", "sendRecoveryConfirmation",
                "Confirm, as a second person, that second factors are lost", .recoverPeople, [Self.person]
            ) { [rooms] call in
                let person = try call.parameter("person")
                try await rooms.confirmRecovery(of: person, by: try call.asker())
                return .seeOther("/people/\(person)#recovery-heading")
            } again: {
                try await personPage($0, form: $1)
            },
            form(
                "/people/{person}/recovery/withdrawal", "sendRecoveryWithdrawal",
                "Make the link of a recovery worthless", .recoverPeople, [Self.person]
            ) { [rooms] call in
                let person = try call.parameter("person")
                try await rooms.withdrawRecovery(of: person, by: try call.asker())
                return .seeOther("/people/\(person)#recovery-heading")
            } again: {
                try await personPage($0, form: $1)
            },
        ]
    }

    // MARK: - Behind the link

    private var recoveryDoors: [Route] {
        let token = [Parameter.path("token", "The secret of the link.")]
        return [
            .door(.get, "/recover/{token}", "showRecovery", "The form of a recovery's link", token) { call in
                .page(try await recoverPage(call))
            },
            .door(.post, "/recover/{token}", "recover", "Set a new password by a recovery's link", token) {
                [rooms] call in
                let form = try call.form()
                do {
                    return SignInRoutes.answer(
                        to: try await rooms.identity.recover(
                            with: try Self.link(call), password: form["password"] ?? "",
                            current: form["current"] ?? "", network: call.network))
                } catch let problem as Problem where [.invalid, .tooMuch].contains(problem.kind) {
                    let filled = FilledForm(problem)
                    return .page(try await recoverPage(call, form: filled), telling: problem)
                }
            },
            .door(.post, "/recover/{token}/loss", "declareLoss", "Say that the second factor is lost too", token) {
                [rooms] call in
                try await rooms.identity.declareLoss(by: try Self.link(call))
                return .seeOther("/recover/\(try call.parameter("token"))")
            },
        ]
    }

    private static func link(_ call: Call) throws -> SecretToken {
        SecretToken(presented: try call.parameter("token"))
    }

    private func recoverPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let offer = try await rooms.identity.recovery(try Self.link(call))
        let door = RecoveryDoor(
            token: try call.parameter("token"), name: offer.account.name, email: offer.account.email,
            asksSecondFactor: offer.asksSecondFactor && offer.recovery.confirmedBy == nil,
            awaitsConfirmation: offer.recovery.awaitsConfirmation, canBeConfirmed: offer.canBeConfirmed,
            mayShowPassword: offer.mayShowPassword)
        return renderer.recover(
            door, form: form,
            in: Self.frame(call, of: offer.tenant))
    }
}
