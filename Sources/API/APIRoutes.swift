import Commitments
import Flows
import Identity
import Kernel
import Packs
import Routing
import Wire

/// The routes for programs: JSON under `/api/v1`.
public struct APIRoutes: Sendable {
    let rooms: Rooms
    let settings: @Sendable (Call) async throws -> SettingsSummary
    let rescan: SiteRescan
    let logs: CollectedLogs

    /// - Parameters:
    ///   - settings: What the settings page shows, which only the composition root knows whole.
    ///   - rescan: Makes a site's next scan due at once.
    ///   - logs: What this server collects.
    public init(
        rooms: Rooms, settings: @escaping @Sendable (Call) async throws -> SettingsSummary,
        rescan: @escaping SiteRescan, logs: CollectedLogs
    ) {
        self.rooms = rooms
        self.settings = settings
        self.rescan = rescan
        self.logs = logs
    }

    /// All of them.
    public var table: [Route] { reading + writing + publicReading + people + sites + logRoutes + alertRoutes }

    func reading<Value: Encodable & Sendable>(
        _ path: String, _ name: String, _ summary: String, _ permission: Permission, _ parameters: [Parameter] = [],
        _ shape: Schema, handle: @escaping @Sendable (Call) async throws -> Value
    ) -> Route {
        Route(
            .get, "/api/v1\(path)", name: name, summary: summary, permission: permission, scope: .organisation,
            audience: .program, parameters: parameters, response: .json(shape)
        ) { try .json(try await handle($0)) }
    }

    /// A route that changes something and answers with what it is afterwards.
    func writing<Value: Encodable & Sendable>(
        _ path: String, _ name: String, _ summary: String, _ permission: Permission, _ parameters: [Parameter] = [],
        method: Route.Method = .post, takes request: Schema? = nil, _ shape: Schema,
        handle: @escaping @Sendable (Call, Caller) async throws -> Value
    ) -> Route {
        Route(
            method, "/api/v1\(path)", name: name, summary: summary, permission: permission, scope: .organisation,
            audience: .program, parameters: parameters, request: request, response: .json(shape)
        ) { call in try .json(try await handle(call, try call.asker()), status: method == .post ? 201 : 200) }
    }

    private static let policyParameter = Parameter.path("policy", "The policy's id.")
    private static let commitmentParameter = Parameter.path("commitment", "The commitment's id in its policy.")

    private var reading: [Route] {
        [
            reading(
                "/status", "readStatus", "How every commitment stands, or stood", .readCommitments,
                [.query("at", "A moment in the past, by what had been received by then.", .time)], Shapes.status
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.status(of: organisation, at: try call.moment("at"), as: principal)
            },
            reading(
                "/commitments/{policy}/{commitment}", "readCommitment", "One commitment with its evidence",
                .readEvidence,
                [Self.policyParameter, Self.commitmentParameter], Shapes.commitment
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.commitment(
                    try call.parameter("policy"), try call.parameter("commitment"), of: organisation, as: principal)
            },
            Route(
                .get, "/api/v1/commitments/{policy}/{commitment}/proof", name: "readProof",
                summary: "The proof file of what was last stated", permission: .readCommitments, scope: .organisation,
                audience: .program, parameters: [Self.policyParameter, Self.commitmentParameter],
                response: .media("text/plain")
            ) { [rooms] call in
                let policy = try call.parameter("policy")
                let commitment = try call.parameter("commitment")
                let proof = try await rooms.proof(of: policy, commitment, in: try call.scope().organisation)
                return .file(proof, name: "\(policy)-\(commitment).vouchsafe-proof")
            },
            reading(
                "/checks", "listChecks", "What this installation can measure", .readCommitments, [],
                .array(Shapes.catalogueEntry)
            ) {
                [rooms] _ in rooms.catalogue.values.sorted { $0.id < $1.id }.map(CatalogueEntry.init)
            },
            reading("/hosts", "listHosts", "The enrolled hosts", .readHosts, [], .array(Shapes.host)) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.hostList(of: organisation, as: principal)
            },
            reading(
                "/hosts/{host}", "readHost", "One host with its checks", .readEvidence,
                [.path("host", "The host's id.", .string(format: "uuid"))], Shapes.hostDetail
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.host(try call.parameter("host"), of: organisation, as: principal)
            },
            reading("/policies", "listPolicies", "The current policies", .readPolicies, [], .array(Shapes.policy)) {
                [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.policyList(of: organisation, as: principal)
            },
            reading(
                "/policies/{policy}", "readPolicy", "A policy with every span", .readPolicies, [Self.policyParameter],
                Shapes.policyDetail
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.policy(try call.parameter("policy"), of: organisation, as: principal)
            },
            reading(
                "/ledger", "readLedger", "A page of the ledger, newest first", .readLedger,
                [
                    .query("before", "Entries before this index.", .integer(minimum: 0)),
                    .query("limit", "How many.", .integer(minimum: 1, maximum: 1000)),
                ], Shapes.ledger
            ) { [rooms] call in
                try await rooms.ledgerPage(
                    of: try call.scope().organisation, before: try call.number("before", in: 0...Int.max),
                    limit: try call.number("limit", in: 1...1000) ?? 50)
            },
            reading("/settings", "readSettings", "What this installation is", .readSettings, [], Shapes.settings) {
                [settings] call in try await settings(call)
            },
        ]
    }

    private var writing: [Route] {
        [
            Route(
                .post, "/api/v1/commitments/{policy}/{commitment}/exceptions", name: "requestException",
                summary: "Ask for an exception", permission: .requestException, scope: .organisation,
                audience: .program,
                parameters: [Self.policyParameter, Self.commitmentParameter], request: Shapes.exceptionRequest,
                response: .json(Shapes.exceptionAnswer)
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let request = try call.json(ExceptionRequest.self)
                let exception = try await rooms.requestException(
                    from: try call.parameter("policy"), try call.parameter("commitment"), reason: request.reason,
                    until: request.until, in: organisation, as: principal)
                return try .json(
                    ExceptionAnswer(
                        id: exception.id.description, approved: exception.approvedAt != nil, until: exception.until),
                    status: 201)
            },
            Route(
                .post, "/api/v1/exceptions/{exception}/approval", name: "approveException",
                summary: "Approve someone else's exception", permission: .approveException, scope: .organisation,
                audience: .program, parameters: [.path("exception", "The exception's id.", .string(format: "uuid"))],
                response: .json(Shapes.exceptionAnswer)
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let exception = try await rooms.approveException(
                    try call.parameter("exception"), in: organisation, as: principal)
                return try .json(
                    ExceptionAnswer(id: exception.id.description, approved: true, until: exception.until), status: 201)
            },
            Route(
                .post, "/api/v1/policies", name: "importPolicy", summary: "Make a version of a policy current",
                permission: .importPolicy, scope: .organisation, audience: .program, request: Shapes.policyImport,
                response: .json(Shapes.policyDifference)
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let request = try call.json(PolicyImport.self)
                let difference = try await rooms.commitments.importPolicy(
                    pack: Array(request.pack.utf8), text: request.text.map { Array($0.utf8) }, into: organisation,
                    as: principal)
                return try .json(PolicyDifference(difference), status: 201)
            },
        ]
    }

    private var publicReading: [Route] {
        [
            Route(
                .get, "/api/v1/trust/{organisation}", name: "readTrustPage",
                summary: "What an organisation has published",
                permission: .readPublications, scope: .published, audience: .program,
                parameters: [.path("organisation", "The organisation's name in addresses.")],
                response: .json(Shapes.trust)
            ) { [rooms] call in
                try .json(try await rooms.trustPage(slug: try call.parameter("organisation")).asRead(at: call.now))
            }
        ]
    }
}

private struct CatalogueEntry: Encodable, Sendable {
    let id, title, measures, population, cadence, freshness: String

    init(_ check: Check) {
        id = check.id.rawValue
        title = check.title
        measures = check.measures
        population = check.population.rawValue
        cadence = check.cadence.description
        freshness = check.freshness.description
    }
}

private struct ExceptionRequest: Decodable {
    let reason: String
    let until: Instant
}

private struct ExceptionAnswer: Encodable {
    let id: String
    let approved: Bool
    let until: Instant
}

private struct PolicyImport: Decodable {
    let pack: String
    let text: String?
}

private struct PolicyDifference: Encodable {
    let kept, changed, new, withdrawn: Int

    init(_ difference: PackDiff) {
        kept = difference.kept.count
        changed = difference.changed.count
        new = difference.new.count
        withdrawn = difference.withdrawn.count
    }
}
