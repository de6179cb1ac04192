import Flows
import Kernel
import Probes
import ScanResults
import Scanning
import TLSPosture
import WebPosture

/// Everything that sites are scanned with: one probe's trust and one group of event loops for all scans at once.
public struct SiteScanning: Sendable {
    private let clock: WallClock
    private let userAgent: String
    /// The most time of one request.
    private let patience: Duration

    /// - Parameter version: The program's version, by which it tells servers who it is.
    public init(clock: WallClock, version: String, patience: Duration = .seconds(10)) {
        self.clock = clock
        userAgent = Self.userAgent(version)
        self.patience = patience
    }

    /// What this program calls itself where it scans.
    public static func userAgent(_ version: String) -> String { "Vouchsafe/\(version) (security scan)" }

    /// Scans by every kind that is asked for, one after the other: a site is visited gently.
    public var scanner: SiteScanner {
        { site, kinds in
            var looks: [SiteLook] = []
            for kind in ScanSummary.Kind.allCases where kinds.contains(kind) && !Task.isCancelled {
                do {
                    looks.append(try await look(at: site, for: kind))
                } catch let problem as Problem {
                    looks.append(SiteLook(kind, failedBy: problem, at: clock.now()))
                } catch is CancellationError {
                    break
                } catch {
                    let problem = Problem(.unavailable, code: "scan.failed", "The scan failed.", cause: "\(error)")
                    looks.append(SiteLook(kind, failedBy: problem, at: clock.now()))
                }
            }
            return looks
        }
    }

    private func look(at site: WatchedSite, for kind: ScanSummary.Kind) async throws -> SiteLook {
        switch kind {
        case .web: try await web(site)
        case .tls: try await tls(site)
        case .site: try await pages(site)
        }
    }

    private func web(_ site: WatchedSite) async throws -> SiteLook {
        let target = try WebTarget(site.settings.address)
        let start = clock.now()
        let found = try await WebVisit(try probe(for: site), clock: clock).visit(
            target, headers: site.settings.headers, reach: reach(of: site), within: patience)
        return try SiteLook(
            ScanReport<WebDetails>(
                judging: found.exchange, target: site.settings.address, from: start, to: clock.now(),
                remarks: found.remarks))
    }

    private func tls(_ site: WatchedSite) async throws -> SiteLook {
        guard let address = WebAddress(site.settings.address) else {
            throw Problem(.invalid, code: "scan.address", "This is no address of a site.")
        }
        let secure = WebTarget.server(of: address)
        let destination = try await Resolver.system.destination(
            secure.host, port: secure.port, reach: reach(of: site))
        let start = clock.now()
        let observed = try await TLSScanner(timeout: .seconds(5)).observe(destination) { _ in }
        let anchors = site.settings.authorities.map { TrustAnchors(pem: Array($0.utf8)) } ?? TrustAnchors()
        let report = await TLSReport.judging(
            observed, target: destination.authority, host: destination.host, address: destination.literalAddress,
            anchors: anchors, systemAnchors: .system, from: start, to: clock.now())
        return try SiteLook(report)
    }

    /// Two requests a second, at most for as long as the lease on the site lasts; a site of the own network bears more.
    private func pages(_ site: WatchedSite) async throws -> SiteLook {
        guard let start = WebAddress(site.settings.address) else {
            throw Problem(.invalid, code: "scan.address", "This is no address of a site.")
        }
        let manner = SiteCrawl.Manner(
            headers: site.settings.headers, reach: reach(of: site),
            pace: Period(milliseconds: site.settings.isInternal ? 50 : 500), requestTime: patience,
            limits: CrawlFrontier.Limits(pages: 200, depth: 5, time: .minutes(8)))
        return try SiteLook(try await SiteCrawl(try probe(for: site), clock: clock).scan(start, manner))
    }

    private func probe(for site: WatchedSite) throws -> HTTPProbe {
        let trust = try site.settings.authorities.map { try ServerTrust(anchors: $0) } ?? .system
        return try HTTPProbe(userAgent: userAgent, trust: trust)
    }

    private func reach(of site: WatchedSite) -> Reach {
        site.settings.isInternal ? .internalAddresses : .publicAddresses
    }
}

extension WatchedSite.Settings {
    fileprivate var headers: HeaderFields { HeaderFields(fields.map { ($0.name, $0.value) }) }
}
