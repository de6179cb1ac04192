import Flows
import Foundation
import Identity
import Kernel
import Pages
import Routing
import ScanResults
import Scanning
import Store
import Wire

/// The pages about sites and what scans of them found.
extension PageRoutes {
    var sites: [Route] { readingSites + changingSites }

    private static let site = Parameter.path("site", "The site's id.")
    private static let scan = Parameter.path("scan", "The scan's id.")

    private var readingSites: [Route] {
        [
            .page("/sites", "showSites", "The registered sites", .readSites) { try await sitesPage($0) },
            .page("/sites/{site}", "showSite", "One site with its newest scans", .readEvidence, [Self.site]) {
                try await sitePage($0)
            },
            .page(
                "/sites/{site}/scans/{scan}", "showSiteScan", "One scan of a site", .readEvidence,
                [Self.site, Self.scan]
            ) { [rooms, renderer] call in
                let (organisation, principal) = try call.scope()
                let found = try await rooms.siteScan(
                    try call.parameter("scan"), of: try call.parameter("site"), in: organisation, as: principal)
                return renderer.siteScan(found.result, of: found.site, in: Self.frame(call))
            },
            Route(
                .get, "/sites/{site}/scans/{scan}/sarif", name: "downloadSiteScan",
                summary: "One scan of a site in SARIF 2.1.0", permission: .readEvidence, scope: .organisation,
                audience: .browser, parameters: [Self.site, Self.scan], response: .media("application/sarif+json")
            ) { [rooms, version] call in
                let (organisation, principal) = try call.scope()
                let scan = try call.parameter("scan")
                let found = try await rooms.siteScan(
                    scan, of: try call.parameter("site"), in: organisation, as: principal)
                let log = SARIFLog(found.result.summary, comparedBy: found.result.comparison, version: version)
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return .file(
                    [UInt8](try encoder.encode(log)), name: "\(scan).sarif", mediaType: "application/sarif+json")
            },
        ]
    }

    private var changingSites: [Route] {
        [
            form("/sites", "sendSite", "Register a site", .changeSites) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let form = try call.form()
                let site = try await rooms.sites.register(
                    WatchedSite.Settings(
                        address: form["address"] ?? "", isInternal: form["internal"] != nil,
                        kinds: Set(ScanSummary.Kind.allCases.filter { form[$0.rawValue] != nil })),
                    in: organisation, as: principal)
                return .seeOther("/sites/\(site.id)")
            } again: {
                try await sitesPage($0, form: $1)
            },
            form("/sites/{site}/scans", "sendSiteScan", "Have a site scanned now", .changeSites, [Self.site]) {
                [rooms, rescan] call in
                let (organisation, principal) = try call.scope()
                let site = try await rooms.sites.find(
                    try call.parameter("site"), in: organisation, as: principal)
                try await rescan(site, organisation)
                return .seeOther("/sites/\(site.id)")
            } again: { call, _ in
                try await sitePage(call)
            },
            form("/sites/{site}/removal", "sendSiteRemoval", "Stop scanning a site", .changeSites, [Self.site]) {
                [rooms] call in
                let (organisation, principal) = try call.scope()
                try await rooms.sites.remove(try call.parameter("site"), in: organisation, as: principal)
                return .seeOther("/sites")
            } again: { call, _ in
                try await sitePage(call)
            },
        ]
    }

    private static func mayChange(_ call: Call) -> Bool {
        call.caller?.permissions.contains(.changeSites) ?? false
    }

    private func sitesPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.sites(
            try await rooms.siteList(of: organisation, as: principal), mayChange: Self.mayChange(call), form: form,
            in: Self.frame(call))
    }

    private func sitePage(_ call: Call) async throws -> String {
        let (organisation, principal) = try call.scope()
        let detail = try await rooms.site(try call.parameter("site"), of: organisation, as: principal)
        return renderer.site(detail, mayChange: Self.mayChange(call), in: Self.frame(call))
    }
}
