import Flows
import Foundation
import Identity
import Kernel
import Routing
import StoreSupport
import Testing

@testable import App

/// Nothing is offered that would be refused: every link and every form on every page that a role may open leads to something that
/// the role may do.
@Suite struct ReachTests {
    /// What a page offers: links, forms, and what its script asks for.
    private static func offers(_ html: String) -> [(method: Route.Method, address: String)] {
        // A form that only asks is a link with fields.
        html.replacing(/method="get" action=/, with: "href=").matches(
            of: /(href|action|data-question|data-answer|data-live)="(\/[^"]*)"/
        ).map { match in
            let method: Route.Method = ["href", "data-live"].contains(match.1) ? .get : .post
            return (method, String(match.2.prefix { $0 != "?" && $0 != "#" }))
        }
    }

    @Test func everyOfferOfAPageIsGood() async throws {
        let world = try await World.make()
        let examples = try await Examples(world)
        let routes = try await examples.routes()
        var (pages, offers) = (0, 0)
        for member in world.alder.people {
            for route in routes where route.method == .get && route.audience == .browser {
                guard case .media("text/html") = route.response, member.role.permissions.contains(route.permission)
                else { continue }
                let naming = route.parameters.filter { $0.place == .path }.map { _ in Naming.own }
                let reply = try await examples.send(route, as: .session(member), naming: naming)
                pages += 1
                for offer in Self.offers(reply.body) {
                    offers += 1
                    let goal = Route.routes(of: offer.address, among: routes).first { $0.method == offer.method }
                    let permission = try #require(goal, "\(route.path) leads to \(offer), where nothing is").permission
                    #expect(
                        member.role.permissions.contains(permission),
                        "\(member.name) is offered \(offer.method.rawValue) \(offer.address) by \(route.path)")
                }
            }
        }
        #expect(pages > 80)
        #expect(offers > 1000)
    }

    @Test func theNavigationShowsThePlacesThatARoleOpens() async throws {
        let world = try await World.make()
        let asking = try Asking(world)
        for (member, places) in zip(
            world.alder.people,
            [
                ["Overview", "Policies", "Hosts", "Sites", "Alerts", "Logs", "People", "Ledger", "Settings"],
                ["Overview", "Policies", "Hosts", "Sites", "Alerts", "Logs", "People", "Ledger", "Settings"],
                ["Overview", "Policies", "Hosts", "Sites", "Alerts", "Logs", "People", "Ledger", "Settings"],
                ["Overview", "Policies"],
                ["Overview", "Policies", "Hosts", "Sites", "Alerts", "Logs", "People", "Ledger", "Settings"],
                ["Overview", "People"],
            ])
        {
            let page = try await asking.ask(.get, "/", as: .session(member), from: world.alder).body
            let start = try #require(page.range(of: "aria-label=\"Main\">"))
            let navigation = page[start.upperBound...].prefix(
                upTo: page.range(of: "</nav>")?.lowerBound ?? page.endIndex)
            #expect(navigation.matches(of: />([A-Z][a-z]+)</).map { String($0.1) } == places, "\(member.name)")
        }
    }

    @Test func anAuditorIsOfferedNoChangeButOfTheirOwnAccount() async throws {
        let world = try await World.make()
        let examples = try await Examples(world)
        let auditor = world.alder.people[4]
        for route in try await examples.routes() where route.method == .get && route.permission.isReading {
            guard case .media("text/html") = route.response, !route.permission.isForAnyone else { continue }
            let naming = route.parameters.filter { $0.place == .path }.map { _ in Naming.own }
            let page = try await examples.send(route, as: .session(auditor), naming: naming).body
            #expect(
                page.matches(of: /<form[^>]*method="post"[^>]*action="([^"]*)"/).map { String($0.1) } == ["/sign-out"],
                "\(route.path)")
        }
    }

    @Test func theWayOutOfARefusalLeadsToSomethingThatOpens() async throws {
        let world = try await World.make()
        let operates = Caller.operator(in: world.alder.tenant)
        let role = try await world.rooms.identity.makeRole("alder-porter", [.readPeople], by: operates)
        let porter = try await Inhabitants.member(
            "alder-porter", role, of: world.alder.tenant, in: world.installation, world.clock)
        let asking = try Asking(world)
        let refusal = try await asking.ask(.get, "/", as: .session(porter), from: world.alder)
        #expect(refusal.status == 403)
        let way = try #require(refusal.body.firstMatch(of: /<a class="button" href="([^"]*)"/)?.1)
        #expect(way == "/people")
        #expect(try await asking.ask(.get, String(way), as: .session(porter), from: world.alder).status == 200)
    }
}
