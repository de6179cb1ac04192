import Flows
import Identity
import Kernel
import Ledger
import Routing
import Store

/// The routes by which anyone follows a ledger from outside (c2sp.org/tlog-tiles): checkpoint, tiles and bundles.
public struct LedgerRoutes: Sendable {
    let rooms: Rooms

    /// The routes of the ledgers that `rooms` keep.
    public init(rooms: Rooms) {
        self.rooms = rooms
    }

    /// All of them.
    public var table: [Route] {
        let organisation = [Parameter.path("organisation", "The organisation's name in addresses.")]
        return [
            checkpoint(
                "/ledger/{organisation}/checkpoint", "readCheckpoint", "The newest signed checkpoint of a ledger",
                organisation
            ) { [rooms] call in
                try await rooms.ledger(slug: try call.parameter("organisation")).signedCheckpoint()
            },
            tile(
                "/ledger/{organisation}", "readTile", "A tile or a bundle of entries of a ledger", organisation
            ) { [rooms] call, tile in
                try await rooms.ledger(slug: try call.parameter("organisation")).content(of: tile)
            },
            checkpoint(
                "/operator-log/checkpoint", "readOperatorCheckpoint",
                "The newest signed checkpoint of the operator's log, with its cosignatures"
            ) { [rooms] _ in try await rooms.database.operatorLog.checkpoint() },
            tile("/operator-log", "readOperatorTile", "A tile or a bundle of entries of the operator's log") {
                [rooms] _, tile in try await rooms.database.operatorLog.ledger.content(of: tile)
            },
            Route(
                .get, "/operator-log/proofs/{organisation}", name: "readOutsidersProof",
                summary: "Which outsiders vouch for an organisation's ledger, as a file", permission: .readPublications,
                scope: .published, audience: .program, parameters: organisation, response: .media("text/plain")
            ) { [rooms] call in
                let slug = try call.parameter("organisation")
                return .file(try await rooms.outsidersProof(slug: slug), name: "\(slug)-outsiders.proof")
            },
        ]
    }

    private func checkpoint(
        _ path: String, _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        read: @escaping @Sendable (Call) async throws -> SignedNote?
    ) -> Route {
        Route(
            .get, path, name: name, summary: summary, permission: .readPublications, scope: .published,
            audience: .program, parameters: parameters, response: .media("text/plain")
        ) { call in
            guard let note = try await read(call) else { throw Self.missing }
            var answer = Answer(contentType: "text/plain; charset=utf-8", .bytes(note.encoded))
            // It changes within a second of every change, so a cache may hold it but must ask each time.
            answer.publicFor = .seconds(0)
            return answer
        }
    }

    private func tile(
        _ prefix: String, _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        read: @escaping @Sendable (Call, Tile) async throws -> [UInt8]?
    ) -> Route {
        let rest = Parameter.rest(
            "tile", "Level and index, or `entries` and index, as c2sp.org/tlog-tiles spells them.")
        return Route(
            .get, "\(prefix)/tile/{tile}", name: name, summary: summary, permission: .readPublications,
            scope: .published, audience: .program, parameters: parameters + [rest],
            response: .media("application/octet-stream")
        ) { call in
            // The address as it was sent: of each tile there is one spelling, and every other one is not found.
            let start = try parameters.reduce(prefix) { path, parameter in
                path.replacing("{\(parameter.name)}", with: try call.parameter(parameter.name))
            }
            guard call.path.hasPrefix("\(start)/"), call.query.isEmpty,
                case .tile(let tile)? = TilePath(String(call.path.dropFirst(start.count + 1))),
                let bytes = try await read(call, tile)
            else { throw Self.missing }
            var answer = Answer(contentType: "application/octet-stream", .bytes(bytes))
            // A partial tile gives way to wider ones and is not worth keeping for long.
            answer.publicFor = tile.isFull ? .days(365) : .minutes(1)
            return answer
        }
    }

    private static let missing = Problem(
        .notFound, code: "ledger.no-tile", "No signed checkpoint covers such a tile.",
        hint: "Read the checkpoint first; it tells the size.")
}
