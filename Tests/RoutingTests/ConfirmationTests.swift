import Kernel
import Store
import Testing

@testable import Identity
@testable import Routing

/// Who was signed in long ago must show once more who they are before they decide how others get in.
@Suite struct ConfirmationTests {
    private static let now = Instant(milliseconds: 1_800_000_000_000)
    private static let tenant = Tenant(
        id: Identifier(high: 1, low: 1), name: "Hazelbrook", slug: "hazelbrook", createdAt: now)

    private static func owner(confirmed ago: Period) -> SignedIn {
        let person = Identifier<Person>(high: 1, low: 2)
        let session = Session(
            id: Identifier(high: 1, low: 3), person: person, organisation: tenant.id, beganAt: now,
            expiresAt: now + Session.longest, formToken: "", means: [.password],
            confirmedAt: Instant(milliseconds: now.milliseconds - ago.milliseconds), tokenHash: [], vouchedBy: nil)
        return SignedIn(
            account: Account(id: person, name: "Ada", email: "ada@example.org", createdAt: now, emailIndex: []),
            tenant: tenant, session: session, permissions: Set(Permission.allCases), lacks: nil)
    }

    private func refusal(
        _ permission: Permission, _ method: Route.Method, by signedIn: SignedIn?, caller: Caller? = nil
    ) async -> String? {
        let route = Route(
            method, "/", name: "test", summary: "", permission: permission, scope: .organisation, audience: .program,
            response: .redirect
        ) { _ in .seeOther("/") }
        let call = Call(
            path: "/", parameters: [:], query: [:], body: [], contentType: nil, signedIn: signedIn,
            caller: caller ?? signedIn?.caller, formToken: "", network: "", now: Self.now)
        do {
            _ = try await route.answer(call)
            return nil
        } catch { return (error as? Problem)?.code }
    }

    @Test(arguments: Permission.allCases)
    func whatIsDangerousIsConfirmedWithinAQuarterOfAnHour(_ permission: Permission) async {
        let expected = permission.asksAgain ? "session.confirm" : nil
        #expect(await refusal(permission, .post, by: Self.owner(confirmed: .minutes(15))) == expected)
        #expect(await refusal(permission, .delete, by: Self.owner(confirmed: .minutes(15))) == expected)
        #expect(await refusal(permission, .post, by: Self.owner(confirmed: .minutes(14))) == nil)
        #expect(await refusal(permission, .get, by: Self.owner(confirmed: .minutes(15))) == nil)
    }

    @Test func whatDecidesAccessOrWhatThePublicReadsIsDangerous() {
        // Who may change sites, logs or rules does so many times a day; each time stands in the ledger.
        let apart: Set<Permission> = [.changeOwnAccount, .changeSites, .changeLogs, .changeRules]
        let named = Permission.allCases.filter { $0.rawValue.hasSuffix(".change") && !apart.contains($0) }
        #expect(
            Set(named + [.recoverPeople, .reviewAccess, .importPolicy, .approveException])
                == Set(Permission.allCases.filter(\.asksAgain)))
    }

    @Test func aProgramIsNotAsked() async {
        let program = Caller(
            principal: .token(Identifier(high: 1, low: 9)), tenant: Self.tenant, permissions: [.changePeople])
        #expect(await refusal(.changePeople, .post, by: nil, caller: program) == nil)
    }
}
