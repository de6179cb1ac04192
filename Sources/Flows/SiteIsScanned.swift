import Kernel
import ScanResults
import Scanning
import Store

/// Looks at a site: one look for each kind that was asked for. What goes wrong is a look that shows nothing.
public typealias SiteScanner = @Sendable (_ site: WatchedSite, _ kinds: Set<ScanSummary.Kind>) async -> [SiteLook]

/// Makes a site's next scan due at once.
public typealias SiteRescan =
    @Sendable (_ site: WatchedSite, _ organisation: Identifier<Organisation>) async throws -> Void

extension Rooms {
    /// Scans a site once and keeps what was found.
    ///
    /// - Parameter kinds: What to look at; what the site is not scanned for is left out.
    /// - Returns: The scans that brought a report, and the looks that failed.
    /// - Throws: `Problem` `site.not-found` for a site that was removed meanwhile; `CancellationError`.
    @discardableResult
    public func scan(
        _ site: WatchedSite, for kinds: Set<ScanSummary.Kind>, with scanner: SiteScanner,
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> (scans: [SiteScan], failed: [SiteLook]) {
        let looks = await scanner(site, kinds.intersection(site.settings.kinds))
        try Task.checkCancellation()
        guard !looks.isEmpty else { return ([], []) }
        let scans = try await sites.record(looks, of: site, in: organisation, as: principal)
        return (scans, looks.filter { $0.failure != nil })
    }
}
