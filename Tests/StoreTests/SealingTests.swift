import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@Suite struct SealingTests {
    private static let word = "Rumpelstilzchen-canary"

    private func writeCanary(_ store: TestStore) async throws {
        let first = try await store.write(Self.word)
        try await store.scope.change("remark.changed") { change in
            var remark = first.record
            remark.text = "\(Self.word)-again"
            try change.update(first, to: remark)
        }
    }

    @Test func noWordOfABodyIsInAnyFile() async throws {
        let store = try await TestStore.make()
        try await writeCanary(store)
        for _ in 0..<2 {
            #expect(try !store.folder.holds(Self.word))
            #expect(try store.folder.holds("remark"), "the search itself finds what is there")
            try await store.driver.close()
        }
    }

    @Test(.onEveryDatabase) func noWordOfABodyIsInAnyRow() async throws {
        let store = try await TestStore.make()
        try await writeCanary(store)
        let rows = try store.folder.withRawDatabase { try $0.everyRow() }
        let values = rows.values.joined().joined()
        #expect(values.contains(.text("open")), "the search itself finds what is there")
        for value in values {
            switch value {
            case .text(let text): #expect(!text.contains("canary"))
            case .blob(let bytes): #expect(!String(decoding: bytes, as: UTF8.self).contains("canary"))
            case .null, .integer: break
            }
        }
    }
}
