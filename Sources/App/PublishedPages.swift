import Flows
import Foundation
import Kernel
import Pages
import Routing
import Store
import Synchronization
import Verdicts
import Wire

/// Trust pages, rendered once and kept until something is published or the first statement on the page runs out.
final class PublishedPages: Sendable {
    private struct Kept {
        let edition: Int64
        let outside: [Int64]
        let validUntil: Instant
        let html: Answer
        let json: Answer
    }

    /// Even a page that nothing changes is rendered again after this long, so that its "as of" is never far off.
    private static let longest = Period.minutes(1)

    private let rooms: Rooms
    private let renderer: PageRenderer
    private let kept = Mutex<[String: Kept]>([:])

    init(rooms: Rooms, renderer: PageRenderer) {
        self.rooms = rooms
        self.renderer = renderer
    }

    /// The page of `name`, or its JSON where the name ends in `.json`.
    func page(_ name: String, at now: Instant) async throws -> Answer {
        let wantsJSON = name.hasSuffix(".json")
        let slug = wantsJSON ? String(name.dropLast(5)) : name
        let edition = try await rooms.publicationEdition(slug: slug)
        let outside = try await rooms.database.operatorLog.edition()
        if let page = kept.withLock({ $0[slug] }), page.edition == edition, page.outside == outside,
            now < page.validUntil
        {
            return wantsJSON ? page.json : page.html
        }
        let trust = try await rooms.trustPage(slug: slug)
        let read = trust.asRead(at: now)
        let turns = read.policies.flatMap(\.commitments)
            .flatMap { [$0.verdict == .kept ? $0.validUntil : nil, $0.exceptionUntil] }.compactMap { $0 }.filter {
                now < $0
            }
        var html = Answer.page(renderer.trust(trust, now: now))
        var json = try Answer.json(read)
        html.tag = "\(edition)-\(now.milliseconds)"
        json.tag = html.tag
        html.publicFor = .seconds(30)
        json.publicFor = .seconds(30)
        let page = Kept(
            edition: edition, outside: outside, validUntil: min(now + Self.longest, turns.min() ?? .distantFuture),
            html: html, json: json
        )
        kept.withLock { pages in
            // The names are the installation's own organisations, so this stays small.
            pages[slug] = page
        }
        return wantsJSON ? json : html
    }
}
