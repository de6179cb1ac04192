import Detection
import Flows
import Identity
import Kernel
import Routing
import Wire

/// The routes about alerts and the rules behind them.
extension APIRoutes {
    var alertRoutes: [Route] { readingAlerts + changingAlerts + ruleRoutes }

    private static let alert = Parameter.path("alert", "The alert's id.", .string(format: "uuid"))

    private var readingAlerts: [Route] {
        [
            reading(
                "/alerts", "listAlerts", "The alerts: those that wait beyond their time first, then the newest",
                .readAlerts,
                [.query("state", "Which: open (not closed), acknowledged, closed or all.", Shapes.alertStates)],
                Shapes.alertOverview
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.alerts(
                    showing: call.query["state"] ?? "open", of: organisation, as: principal)
            },
            reading(
                "/alerts/{alert}", "readAlert", "One alert with what matched", .readAlerts, [Self.alert],
                Shapes.alertDetail
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.alert(try call.parameter("alert"), of: organisation, as: principal)
            },
        ]
    }

    private var changingAlerts: [Route] {
        [
            writing(
                "/alerts/{alert}/acknowledgement", "acknowledgeAlert", "Say that somebody is at an alert",
                .handleAlerts,
                [Self.alert], takes: Shapes.noteRequest, Shapes.alertDetail
            ) { [rooms] call, caller in
                let id = try call.parameter("alert")
                try await rooms.alerts.acknowledge(
                    id, note: try call.json(NoteRequest.self).note ?? "", in: caller.tenant.id, as: caller.principal)
                return try await rooms.alert(id, of: caller.tenant.id, as: caller.principal)
            },
            writing(
                "/alerts/{alert}/closing", "closeAlert", "Say that an alert is over, and what came of it",
                .handleAlerts, [Self.alert], takes: Shapes.closingRequest, Shapes.alertDetail
            ) { [rooms] call, caller in
                let id = try call.parameter("alert")
                let request = try call.json(ClosingRequest.self)
                try await rooms.alerts.close(
                    id, as: request.outcome, note: request.note, in: caller.tenant.id, as: caller.principal)
                return try await rooms.alert(id, of: caller.tenant.id, as: caller.principal)
            },
            writing(
                "/alerts/{alert}/suppression", "suppressRule", "Keep the rule of an alert quiet for some days",
                .handleAlerts, [Self.alert], takes: Shapes.suppressionRequest, Shapes.ruleOverview
            ) { [rooms] call, caller in
                let request = try call.json(SuppressionRequest.self)
                try await rooms.alerts.suppress(
                    ruleOf: try call.parameter("alert"), days: request.days, because: request.reason,
                    in: caller.tenant.id, as: caller.principal)
                return try await rooms.rules(of: caller.tenant.id, as: caller.principal)
            },
            writing(
                "/alerts/{alert}/tuning", "tuneRule",
                "Let events with one of an alert's common values no longer match its rule", .handleAlerts,
                [Self.alert], takes: Shapes.tuningRequest, Shapes.ruleOverview
            ) { [rooms] call, caller in
                let request = try call.json(TuningRequest.self)
                try await rooms.tune(
                    ruleOf: try call.parameter("alert"), choice: request.choice, because: request.reason,
                    in: caller.tenant.id, as: caller.principal)
                return try await rooms.rules(of: caller.tenant.id, as: caller.principal)
            },
        ]
    }

    private var ruleRoutes: [Route] {
        [
            reading(
                "/rules", "readRules", "The rules that run, and what came of them", .readLogs, [], Shapes.ruleOverview
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.rules(of: organisation, as: principal)
            },
            writing(
                "/rules", "replaceRules", "Replace all rules at once; tunings stay", .changeRules,
                takes: Shapes.rulesRequest, Shapes.ruleChanges
            ) { [rooms] call, caller in
                let request = try call.json(RulesRequest.self)
                return RuleChanges(
                    try await rooms.detectionRules.install(
                        request.files, named: request.name, in: caller.tenant.id, as: caller.principal))
            },
        ]
    }
}

private struct NoteRequest: Decodable { let note: String? }

private struct ClosingRequest: Decodable {
    let outcome: Alert.Outcome
    let note: String
}

private struct SuppressionRequest: Decodable {
    let days: Int
    let reason: String
}

private struct TuningRequest: Decodable {
    let choice: Int
    let reason: String
}

private struct RulesRequest: Decodable {
    let name: String
    let files: [InstalledRules.File]
}
