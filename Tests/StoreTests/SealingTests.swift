import Kernel
import Store
import StoreSQLite
import TestSupport
import Testing

@Suite struct SealingTests {
    @Test func noWordOfABodyIsInAnyFile() async throws {
        let store = try await TestStore.make()
        let word = "Rumpelstilzchen-canary"
        let first = try await store.write(word)
        try await store.scope.change("remark.changed") { change in
            var remark = first.record
            remark.text = "\(word)-again"
            try change.update(first, to: remark)
        }
        for _ in 0..<2 {
            #expect(try !store.folder.holds(word))
            #expect(try store.folder.holds("remark"), "the search itself finds what is there")
            try await store.driver.close()
        }
    }
}
