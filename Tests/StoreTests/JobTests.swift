import Kernel
import Ledger
import StoreSupport
import TestSupport
import Testing

@testable import Store

@Suite(.onEveryDatabase) struct JobTests {
    @Test func aJobDoesWhatItDeclares() async throws {
        let store = try await TestStore.make()
        let scope = store.database.scope(
            TestStore.one, as: .job(Job("sweep", in: .everywhere, may: ["remark.swept"])))
        #expect(await problem { try await scope.change("remark.swept") { _ in } } == nil)
        #expect(await problem { _ = try await scope.read { try $0.count(Remark.self) } } == nil)
        #expect(await problem { try await scope.touch { _ in } } == nil)
        let newest = try await store.database.ledger(of: TestStore.one).entries(before: nil, limit: 1)
        #expect(newest.map(\.entry.actor) == ["job:sweep"])
    }

    @Test func aJobDoesNothingThatItDoesNotDeclare() async throws {
        let store = try await TestStore.make()
        let before = try await store.database.ledger(of: TestStore.one).entries(before: nil, limit: 10).count
        let scope = store.database.scope(
            TestStore.one, as: .job(Job("sweep", in: .everywhere, may: ["remark.swept"])))
        #expect(await problem { try await scope.change("remark.made") { _ in } }?.code == "store.undeclared")
        #expect(try await store.database.ledger(of: TestStore.one).entries(before: nil, limit: 10).count == before)
    }

    @Test(
        "a job stays in its scope",
        arguments: [(Job.Scope.installation, false), (.everywhere, true)])
    func scopes(scope: Job.Scope, isInside: Bool) async throws {
        let store = try await TestStore.make()
        let job = Principal.job(Job("sweep", in: scope, may: ["remark.swept"]))
        let inside = store.database.scope(TestStore.one, as: job)
        let outcomes = [
            await problem { _ = try await inside.read { try $0.count(Remark.self) } },
            await problem { try await inside.touch { _ in } },
            await problem { try await inside.change("remark.swept") { _ in } },
        ]
        #expect(outcomes.map { $0?.code } == Array(repeating: isInside ? nil : "store.undeclared", count: 3))
        let installation = store.database.installation(as: job)
        let outside = await problem { _ = try await installation.read { _ in } }
        #expect(outside == nil)
    }
}
