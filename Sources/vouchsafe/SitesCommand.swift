import App
import ArgumentParser
import Flows
import Foundation
import Identity
import Kernel
import ScanResults
import Scanning
import Store
import Wire

/// The sites that are scanned again and again.
struct SitesCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "sites", "Register sites, scan them on a schedule, and see how they come out.",
        listing: [SitesList.self, SitesAdd.self, SitesScan.self, SitesRemove.self])
}

/// Lists the registered sites.
struct SitesList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readSites
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the registered sites with the grades of their newest scans.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let sites = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.siteList(of: tenant.id, as: .operator)
        }
        switch format {
        case .json: try Output.json(sites)
        case .text:
            guard !sites.isEmpty else {
                Output.line("No site is registered. Register one with `vouchsafe sites add https://www.example.com`.")
                return
            }
            var table = TextTable("WEB", "TLS", "PAGES", "LAST SCAN", "SITE")
            for site in sites {
                let grade = { (kind: ScanSummary.Kind) in
                    site.scans.first { $0.kind == kind }.map { $0.grade?.description ?? "done" } ?? "-"
                }
                table.add(
                    grade(.web), grade(.tls), grade(.site),
                    site.scans.map(\.finishedAt).max().map { String($0.description.prefix(16)) } ?? "never", site.name)
            }
            for line in table.lines { Output.line(line) }
        }
    }
}

/// Registers a site.
struct SitesAdd: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeSites
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Register a site: a running server scans it from now on, about twice a day.",
        discussion:
            "Register only sites of your own: scanning visits their pages, gently and without changing anything.")

    @Argument(help: "The site's first page, such as https://www.example.com.")
    var address: String

    @Flag(name: .customLong("internal"), help: "The site lies in the organisation's own networks.")
    var isInternal = false

    @Option(
        name: .customLong("kind"),
        help: "What to look at: web, tls or site (its pages); may be repeated. All of them if none is named.")
    var kinds: [ScanSummary.Kind] = []

    @Option(
        name: .customLong("header"),
        help: ArgumentHelp(
            "A field to send with each request, kept sealed, for pages behind a sign-in; may be repeated.",
            valueName: "name: value"))
    var headerLines: [String] = []

    @Option(
        name: .customLong("ca"),
        help: ArgumentHelp("Certificates in PEM to trust for this site besides the system's.", valueName: "file"))
    var authorities: String?

    @OptionGroup var options: DataOptions

    func run() async throws {
        let fields = try ScanRequestOptions.fields(headerLines)
        let pem = try authorities.map { String(decoding: try Input.bytes(of: $0, limit: 1 << 20), as: UTF8.self) }
        let site = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.sites.register(
                WatchedSite.Settings(
                    address: address, isInternal: isInternal,
                    kinds: kinds.isEmpty ? Set(ScanSummary.Kind.allCases) : Set(kinds),
                    fields: fields.map { WatchedSite.Field(name: $0.name, value: $0.value) }, authorities: pem),
                in: tenant.id, as: .operator)
        }
        Output.line("Registered: \(site.name)")
    }
}

/// Scans a registered site at once.
struct SitesScan: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeSites
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Scan a registered site now, and keep what is found.")

    @Argument(help: "The site: its address or its id.")
    var site: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let (scans, failed) = try await withOrganisation(options) { installation, tenant in
            let rooms = installation.rooms
            let site = try await rooms.sites.find(site, in: tenant.id, as: .operator)
            let scanning = SiteScanning(clock: installation.clock, version: Vouchsafe.version)
            return try await rooms.scan(
                site, for: Set(site.settings.kinds), with: scanning.scanner, in: tenant.id, as: .operator)
        }
        for scan in scans {
            let findings = scan.counts.values.reduce(0, +)
            Output.line("\(scan.kind): \(scan.grade?.description ?? "no grade"), \(findings) findings")
        }
        for look in failed {
            guard let failure = look.failure else { continue }
            Output.line("\(look.kind): nothing to be told. \(failure.message) \(failure.hint ?? "")")
        }
        guard failed.isEmpty else {
            throw Problem(
                .unavailable, code: "scan.incomplete", "Not everything could be looked at.",
                hint: "What failed stays unknown until the next scan, and expires.")
        }
    }
}

/// Takes a site out.
struct SitesRemove: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeSites
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Stop scanning a site; what was found of it stays.")

    @Argument(help: "The site: its address or its id.")
    var site: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let removed = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.sites.remove(site, in: tenant.id, as: .operator)
        }
        Output.line("Removed: \(removed.name)")
    }
}

extension ScanSummary.Kind: ExpressibleByArgument {}
