import Detection
import Flows
import Identity
import Kernel
import Pages
import Routing
import Store
import Wire

/// The pages about alerts and the rules behind them.
extension PageRoutes {
    var alertPages: [Route] { readingAlerts + changingAlerts + changingRules }

    private static let alert = Parameter.path("alert", "The alert's id.")

    private var readingAlerts: [Route] {
        [
            .page("/alerts", "showAlerts", "The alerts", .readAlerts, [.query("state", "Which.")]) {
                [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                let state = call.query["state"] ?? "open"
                return renderer.alerts(
                    try await rooms.alerts(showing: state, of: organisation, as: principal), showing: state,
                    mayHandle: Self.may(.handleAlerts, call), in: Self.frame(call))
            },
            .page("/alerts/{alert}", "showAlert", "One alert", .readAlerts, [Self.alert]) { try await alertPage($0) },
            Route(
                .get, "/alerts/events", name: "followAlerts", summary: "Told when alerts change",
                permission: .readAlerts, scope: .organisation, audience: .browser,
                response: .media("text/event-stream")
            ) { [alertEvents] call in
                Answer(contentType: "text/event-stream", .events(try await alertEvents(call)))
            },
            .page("/rules", "showRules", "The rules that run", .readLogs) { [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                return renderer.rules(
                    try await rooms.rules(of: organisation, as: principal), mayChange: Self.may(.handleAlerts, call),
                    in: Self.frame(call))
            },
        ]
    }

    private func alertPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.alert(
            try await rooms.alert(try call.parameter("alert"), of: organisation, as: principal),
            mayHandle: Self.may(.handleAlerts, call), form: form, in: Self.frame(call))
    }

    private var changingAlerts: [Route] {
        [
            onAlert("acknowledgement", "acknowledgeAlertByForm", "Say that somebody is at an alert") {
                [rooms] id, form, organisation, principal in
                try await rooms.alerts.acknowledge(id, note: form["note"] ?? "", in: organisation, as: principal)
            },
            onAlert("closing", "closeAlertByForm", "Say that an alert is over") {
                [rooms] id, form, organisation, principal in
                guard let outcome = Alert.Outcome(rawValue: form["outcome"] ?? "") else {
                    throw Problem(
                        .invalid, code: "alert.outcome", "Say what came of it.",
                        place: Problem.Place(field: "outcome"))
                }
                try await rooms.alerts.close(
                    id, as: outcome, note: form["note"] ?? "", in: organisation, as: principal)
            },
            onAlert("suppression", "suppressRuleByForm", "Keep the rule of an alert quiet for some days") {
                [rooms] id, form, organisation, principal in
                try await rooms.alerts.suppress(
                    ruleOf: id, days: Int(form["days"] ?? "") ?? 0, because: form["reason"] ?? "", in: organisation,
                    as: principal)
            },
            onAlert("tuning", "tuneRuleByForm", "Tune the rule of an alert") {
                [rooms] id, form, organisation, principal in
                try await rooms.tune(
                    ruleOf: id, choice: Int(form["choice"] ?? "") ?? -1, because: form["reason"] ?? "",
                    in: organisation, as: principal)
            },
        ]
    }

    private func onAlert(
        _ what: String, _ name: String, _ summary: String,
        work: @escaping @Sendable (String, [String: String], Identifier<Organisation>, Principal) async throws -> Void
    ) -> Route {
        form("/alerts/{alert}/\(what)", name, summary, .handleAlerts, [Self.alert]) { call in
            let (organisation, principal) = try call.scope()
            let id = try call.parameter("alert")
            try await work(id, try call.form(), organisation, principal)
            return .seeOther("/alerts/\(id)")
        } again: { call, form in
            // Four forms stand on the page: which one was sent is told by the address.
            var form = form
            form.values["form"] = what
            return try await alertPage(call, form: form)
        }
    }

    private var changingRules: [Route] {
        [
            form(
                "/rules/suppressions/{suppression}/end", "endSuppression", "Let a rule be heard again", .handleAlerts,
                [.path("suppression", "The suppression's id.")]
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                try await rooms.alerts.endSuppression(
                    try call.parameter("suppression"), in: organisation, as: principal)
                return .seeOther("/rules")
            } again: { call, _ in
                try await rulesPage(call)
            },
            form(
                "/rules/tunings/{tuning}/removal", "removeTuning", "Take a tuning back", .handleAlerts,
                [.path("tuning", "The tuning's id.")]
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                try await rooms.detectionRules.removeTuning(
                    try call.parameter("tuning"), in: organisation, as: principal)
                return .seeOther("/rules")
            } again: { call, _ in
                try await rulesPage(call)
            },
        ]
    }

    /// The rules, or the alerts for those who may see to alerts and not see rules.
    private func rulesPage(_ call: Call) async throws -> String {
        let (organisation, principal) = try call.scope()
        guard Self.may(.readLogs, call) else {
            return renderer.alerts(
                try await rooms.alerts(showing: "open", of: organisation, as: principal), showing: "open",
                mayHandle: true, in: Self.frame(call))
        }
        return renderer.rules(
            try await rooms.rules(of: organisation, as: principal), mayChange: true, in: Self.frame(call))
    }
}
