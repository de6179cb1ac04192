import Flows
import Identity
import Kernel
import Ledger
import Pages
import Routing
import Store
import Wire

/// The routes for people: pages, and the forms on them.
struct PageRoutes: Sendable {
    let rooms: Rooms
    let renderer: PageRenderer
    let settings: @Sendable (Call) async throws -> SettingsSummary
    let published: PublishedPages
    let events: @Sendable (Call) async throws -> AsyncStream<String>
    let alertEvents: @Sendable (Call) async throws -> AsyncStream<String>
    /// What this server collects.
    let logs: CollectedLogs
    /// Makes a site's next scan due at once.
    let rescan: SiteRescan
    /// The program's version.
    let version: String

    var table: [Route] {
        SignInRoutes(rooms: rooms, renderer: renderer).table + AccountRoutes(rooms: rooms, renderer: renderer).table
            + reading + deciding + forEveryone + people
            + tokens + sites + logPages + alertPages
    }

    /// The frame around every page of a signed-in person.
    static func frame(_ call: Call) -> PageFrame {
        PageFrame(
            organisation: call.signedIn?.tenant.name ?? "Vouchsafe", slug: call.signedIn?.tenant.slug,
            person: call.signedIn?.account.name, csrf: call.formToken, now: call.now,
            reach: Reach(call.signedIn?.permissions.map(\.rawValue) ?? []))
    }

    // MARK: - Reading

    private static let commitmentParameters = [
        Parameter.path("policy", "The policy's id."), .path("commitment", "The commitment's id in its policy."),
    ]

    private var reading: [Route] {
        [
            .page("/", "showOverview", "How every commitment stands", .readCommitments) { [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                return renderer.overview(
                    try await rooms.status(of: organisation, as: principal),
                    policies: try await rooms.policyList(of: organisation, as: principal), in: Self.frame(call))
            },
            .page(
                "/commitments/{policy}/{commitment}", "showCommitment", "One commitment with its evidence",
                .readEvidence,
                Self.commitmentParameters
            ) { try await commitmentPage($0) },
            Route(
                .get, "/commitments/{policy}/{commitment}/proof", name: "downloadProof", summary: "The proof file",
                permission: .readCommitments, scope: .organisation, audience: .browser,
                parameters: Self.commitmentParameters, response: .media("text/plain")
            ) { [rooms] call in
                let commitment = try call.parameter("commitment")
                let proof = try await rooms.proof(
                    of: try call.parameter("policy"), commitment, in: try call.scope().organisation)
                return .file(proof, name: "\(commitment).proof")
            },
            .page("/hosts", "showHosts", "The enrolled hosts", .readHosts) { [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                return renderer.hosts(try await rooms.hostList(of: organisation, as: principal), in: Self.frame(call))
            },
            .page("/hosts/{host}", "showHost", "One host", .readEvidence, [.path("host", "The host's id.")]) {
                [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                let host = try await rooms.host(try call.parameter("host"), of: organisation, as: principal)
                return renderer.host(host, in: Self.frame(call))
            },
            .page("/policies", "showPolicies", "The policies", .readPolicies) { [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                return renderer.policies(
                    try await rooms.policyList(of: organisation, as: principal), in: Self.frame(call))
            },
            .page(
                "/policies/{policy}", "showPolicy", "One policy, sentence by sentence", .readPolicies,
                [.path("policy", "The policy's id.")]
            ) {
                [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                let policy = try await rooms.policy(try call.parameter("policy"), of: organisation, as: principal)
                return renderer.policy(policy, in: Self.frame(call))
            },
            .page(
                "/ledger", "showLedger", "The ledger", .readLedger,
                [.query("before", "Entries before this index.", .integer(minimum: 0))]
            ) {
                [rooms, renderer] call in
                let page = try await rooms.ledgerPage(
                    of: try call.scope().organisation, before: try call.number("before", in: 0...Int.max))
                return renderer.ledger(page, in: Self.frame(call))
            },
            .page("/settings", "showSettings", "Settings", .readSettings) { [renderer, settings] call in
                renderer.settings(try await settings(call), in: Self.frame(call))
            },
            Route(
                .get, "/events", name: "followVerdicts", summary: "Tells a page that verdicts changed",
                permission: .readCommitments, scope: .organisation, audience: .browser,
                response: .media("text/event-stream")
            ) { [events] call in
                Answer(contentType: "text/event-stream", .events(try await events(call)))
            },
        ]
    }

    private func commitmentPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        let detail = try await rooms.commitment(
            try call.parameter("policy"), try call.parameter("commitment"), of: organisation, as: principal)
        let key = try await rooms.database.ledger(of: organisation).verifier().text
        return renderer.commitment(detail, verificationKey: key, exceptionForm: form, in: Self.frame(call))
    }

    // MARK: - Deciding

    private var deciding: [Route] {
        [
            Route(
                .post, "/commitments/{policy}/{commitment}/exceptions", name: "sendExceptionRequest",
                summary: "Ask for an exception", permission: .requestException, scope: .organisation,
                audience: .browser,
                parameters: Self.commitmentParameters, response: .redirect
            ) { [rooms] call in
                let form = try call.form()
                let policy = try call.parameter("policy")
                let commitment = try call.parameter("commitment")
                do {
                    guard let until = Instant(form["until"] ?? "") else {
                        throw Problem(
                            .invalid, code: "exception.until", "The day on which the exception ends is missing.",
                            hint: "Write it like 2026-12-31.", place: Problem.Place(field: "until"))
                    }
                    let (organisation, principal) = try call.scope()
                    _ = try await rooms.requestException(
                        from: policy, commitment, reason: Self.onOneLine(form["reason"] ?? ""), until: until,
                        in: organisation, as: principal)
                    return .seeOther("/commitments/\(policy)/\(commitment)")
                } catch let problem as Problem where problem.kind == .invalid {
                    let filled = FilledForm(problem, values: form, keeping: ["reason", "until"])
                    return .page(try await commitmentPage(call, form: filled), telling: problem)
                }
            },
            Route(
                .post, "/exceptions/{exception}/approval", name: "sendExceptionApproval",
                summary: "Approve someone else's exception", permission: .approveException, scope: .organisation,
                audience: .browser, parameters: [.path("exception", "The exception's id.")], response: .redirect
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                _ = try await rooms.approveException(
                    try call.parameter("exception"), in: organisation, as: principal)
                return .seeOther("/")
            },
        ]
    }

    /// A text area breaks lines where its writer pressed Enter; a reason is one line.
    private static func onOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    // MARK: - For everyone

    private var forEveryone: [Route] {
        let organisation = [Parameter.path("organisation", "The organisation's name in addresses.")]
        return [
            published(
                "/trust/{organisation}", "showTrustPage", "What an organisation has published", organisation,
                "text/html"
            ) {
                [published] call in
                try await published.page(try call.parameter("organisation"), at: call.now)
            },
            published(
                "/trust/{organisation}/proofs/{policy}/{commitment}", "downloadPublishedProof", "A published proof",
                organisation + Self.commitmentParameters, "text/plain"
            ) {
                [rooms] call in
                let commitment = try call.parameter("commitment")
                let proof = try await rooms.publicProof(
                    slug: try call.parameter("organisation"), policy: try call.parameter("policy"),
                    commitment: commitment)
                return .file(proof, name: "\(commitment).proof")
            },
            published(
                "/assets/{file}", "readAsset", "Style, script and icon", [.path("file", "The file's name.")], "text/css"
            ) { call in
                guard let asset = PageAsset.named(try call.parameter("file")) else {
                    throw Problem(.notFound, code: "asset.not-found", "There is no such file.")
                }
                var answer = Answer(contentType: asset.mediaType, .bytes(asset.bytes))
                answer.tag = asset.tag
                answer.publicFor = call.query["v"] == asset.tag ? .days(365) : .minutes(5)
                return answer
            },
            published("/health/live", "readLiveness", "Whether the process runs", [], "text/plain") { _ in
                Answer(contentType: "text/plain; charset=utf-8", .bytes(Array("ok\n".utf8)))
            },
            published("/health/ready", "readReadiness", "Whether the server can serve", [], "text/plain") { [rooms] _ in
                _ = try await rooms.identity.tenants(as: .job(.health))
                return Answer(contentType: "text/plain; charset=utf-8", .bytes(Array("ready\n".utf8)))
            },
        ]
    }

    private func published(
        _ path: String, _ name: String, _ summary: String, _ parameters: [Parameter], _ media: String,
        handle: @escaping @Sendable (Call) async throws -> Answer
    ) -> Route {
        Route(
            .get, path, name: name, summary: summary, permission: .readPublications, scope: .published,
            audience: .browser, parameters: parameters, response: .media(media), handle: handle)
    }
}

extension FilledForm {
    /// A form that was refused: what may be shown again, and what is wrong with which field.
    init(_ problem: Problem, values: [String: String] = [:], keeping kept: Set<String> = []) {
        let sentence = problem.hint.map { "\(problem.message) \($0)" } ?? problem.message
        self.init(
            values: values.filter { kept.contains($0.key) },
            problems: problem.place?.field.map { [$0: sentence] } ?? [:],
            problem: problem.place?.field == nil ? sentence : nil)
    }
}
