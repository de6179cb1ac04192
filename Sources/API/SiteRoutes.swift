import Flows
import Identity
import Kernel
import Routing
import ScanResults
import Scanning
import Wire

/// The routes about sites for programs: which there are, what scans of them found, and scanning them from a pipeline.
extension APIRoutes {
    var sites: [Route] { readingSites + changingSites }

    private static let site = Parameter.path("site", "The site's id.", .string(format: "uuid"))
    private static let scan = Parameter.path("scan", "The scan's id.", .string(format: "uuid"))

    private var readingSites: [Route] {
        [
            reading("/sites", "listSites", "The registered sites", .readSites, [], .array(Shapes.site)) {
                [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.siteList(of: organisation, as: principal)
            },
            reading(
                "/sites/{site}", "readSite", "One site with what its newest scans found", .readEvidence, [Self.site],
                Shapes.siteDetail
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.site(try call.parameter("site"), of: organisation, as: principal)
            },
            Route(
                .get, "/api/v1/sites/{site}/scans/{scan}", name: "readSiteScan",
                summary: "The whole report of one scan, as `vouchsafe scan --format json` writes it",
                permission: .readEvidence, scope: .organisation, audience: .program,
                parameters: [Self.site, Self.scan], response: .media("application/json")
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let scan = try call.parameter("scan")
                let found = try await rooms.siteScan(
                    scan, of: try call.parameter("site"), in: organisation, as: principal)
                return .file(found.json, name: "\(scan).json", mediaType: "application/json")
            },
        ]
    }

    private var changingSites: [Route] {
        [
            writing("/sites", "registerSite", "Register a site", .changeSites, takes: Shapes.siteRequest, Shapes.site) {
                [rooms] call, caller in
                let request = try call.json(SiteRequest.self)
                let site = try await rooms.sites.register(
                    WatchedSite.Settings(
                        address: request.address,
                        kinds: Set(request.kinds ?? ScanSummary.Kind.allCases)),
                    in: caller.tenant.id, as: caller.principal)
                return try await summary(site.id.description, caller)
            },
            writing(
                "/sites/{site}/scans", "scanSite", "Have a site scanned now; the scan begins within seconds",
                .changeSites, [Self.site], Shapes.site
            ) { [rooms, rescan] call, caller in
                let site = try await rooms.sites.find(
                    try call.parameter("site"), in: caller.tenant.id, as: caller.principal)
                try await rescan(site, caller.tenant.id)
                return try await summary(site.id.description, caller)
            },
            writing(
                "/sites/{site}", "removeSite", "Stop scanning a site", .changeSites, [Self.site], method: .delete,
                Shapes.site
            ) { [rooms] call, caller in
                let site = try call.parameter("site")
                let summary = try await summary(site, caller)
                try await rooms.sites.remove(site, in: caller.tenant.id, as: caller.principal)
                return summary
            },
        ]
    }

    private func summary(_ site: String, _ caller: Caller) async throws -> SiteSummary {
        try await rooms.siteSummary(site, of: caller.tenant.id, as: caller.principal)
    }
}

private struct SiteRequest: Decodable {
    let address: String
    let kinds: [ScanSummary.Kind]?
}
