import Agent
import Flows
import Kernel
import Posture
import Store

/// Everything that this installation measures with.
struct Collectors: Sendable {
    let installation: Installation
    let probe: TransportProbe?

    /// Looks at this machine. Runs on a thread of its own, because files and commands may be slow.
    var posture: PostureCollector {
        { [clock = installation.clock, probe] ids in
            let port = try? await probe?.listening.port()
            return await BlockingWork.run {
                var options = PostureOptions()
                if let port = port.flatMap({ UInt16(exactly: $0) }) { options.allowedPorts.insert(port) }
                return PostureCatalogue.run(Set(ids), on: .live(clock: clock), options: options).compactMap {
                    id, measurement in
                    PostureCatalogue.check(id).map { ($0.check, measurement) }
                }
            }
        }
    }

    /// Looks at this installation.
    var selfChecks: SelfCollector {
        { [installation, probe] check, organisation in
            switch check {
            case SelfChecks.ledgerVerifies: return await installation.rooms.judgeLedger(of: organisation)
            case SelfChecks.contentSealed:
                return await installation.rooms.judgeSealing(of: organisation, in: installation.folder.databaseFiles) {
                    try FileSearch.shared.count(of: $0, in: $1)
                }
            case SelfChecks.backupAge: return await installation.rooms.judgeBackupAge()
            case SelfChecks.backupVerifiedAge: return await installation.rooms.judgeVerifiedBackupAge()
            case PeopleChecks.accessReviewed: return await installation.rooms.judgeAccessReview(of: organisation)
            case PeopleChecks.departuresComplete: return await installation.rooms.judgeDepartures(of: organisation)
            case SelfChecks.transport:
                guard let probe else {
                    return Measurement(
                        .unknown, value: "the server is not running",
                        fix: "Start it with `vouchsafe serve`; it checks itself then.")
                }
                return await probe.measure()
            default: return Measurement(.error, value: "there is no such self check")
            }
        }
    }
}
