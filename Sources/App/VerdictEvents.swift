import Commitments
import Detection
import Flows
import Kernel
import Routing
import Store

/// Tells an open page when its organisation's verdicts may have changed.
struct VerdictEvents: Sendable {
    let installation: Installation

    /// Server-sent events: `verdicts` with the number of the publication.
    var stream: @Sendable (Call) async throws -> AsyncStream<String> {
        { call in
            let organisation = try call.scope().organisation
            let publications = installation.rooms.publications
            return LiveEvents(installation: installation, follower: Follower(call)).stream(
                named: "verdicts", of: organisation
            ) { (try? await publications.edition(of: organisation)).map(Int.init) }
        }
    }
}

/// Tells an open page when its organisation's alerts changed.
struct AlertEvents: Sendable {
    let installation: Installation

    /// Server-sent events: `alerts` with a number that grows with each change.
    var stream: @Sendable (Call) async throws -> AsyncStream<String> {
        { call in
            let (organisation, principal) = try call.scope()
            let alerts = installation.rooms.alerts
            return LiveEvents(installation: installation, follower: Follower(call)).stream(
                named: "alerts", of: organisation
            ) { (try? await alerts.edition(of: organisation, as: principal)).map(Int.init) }
        }
    }
}
