import Foundation
import Kernel
import Store
import StoreSQLite
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
            let bytes = try store.folder.allBytes()
            #expect(bytes.count > 10_000)
            #expect(!contains(bytes, word))
            #expect(contains(bytes, "remark"), "the search itself finds what is there")
            try await store.driver.close()
        }
    }

    private func contains(_ bytes: [UInt8], _ word: String) -> Bool {
        Data(bytes).range(of: Data(word.utf8)) != nil
    }
}
