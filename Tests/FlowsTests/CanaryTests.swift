import Commitments
import Flows
import Identity
import Kernel
import Ledger
import Store
import TestSupport
import Testing
import Wire
import Witnesses

/// Whoever steals the files learns how much there is of what, and when, and nothing that anyone wrote.
@Suite struct CanaryTests {
    @Test func noPlantedWordOfAnyTextFieldIsInAnyFile() async throws {
        let house = try await TestHouse.make(("Quokkafield Gazetteers", "wombatstone-laptop"))
        try await house.importExample()
        let link = try await house.rooms.identity.makeSetUpLink(for: house.tenant.id, as: TestHouse.principal)
        let (token, owner) = try await house.rooms.identity.join(
            with: link, name: "Numbatina Bilby", email: "Numbatina@Echidnapost.example",
            password: "platypus pond in the evening", network: "192.0.2.0/24")
        let person = Principal.person(owner.account.id)
        try await house.report(
            .fail, value: "pademelon-value", evidence: "bandicoot-evidence", fix: "Call the quoll-fixer.")
        _ = try await house.rooms.requestException(
            from: "hazelbrook-security", "firewall", reason: "The kowari-reason counts.",
            until: house.clock.now + .days(30), in: house.tenant.id, as: person)
        try await house.rooms.publishChanges(for: house.tenant.id)
        let witness = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32))
        _ = try await house.rooms.witnesses.add("https://dunnart.example", key: witness.verifier.text, as: person)
        var reached = PublishedSizes()
        try await house.rooms.publishLedgers(&reached)
        _ = try await house.rooms.host(
            try await house.rooms.hostList(of: house.tenant.id, as: person)[0].id, of: house.tenant.id, as: person)

        let planted = [
            // Names, addresses, secrets.
            "Quokkafield", "quokkafield", "wombatstone", "Numbatina", "Bilby", "Echidnapost", "echidnapost", "platypus",
            token.text, link.text, owner.session.formToken,
            // Measurements and decisions.
            "pademelon", "bandicoot", "dunnart", "quoll-fixer", "kowari",
            // The policy, its pack and the statements made of it.
            "hazelbrook-security", "Hazelbrook Maps looks", "How Hazelbrook", "cartographers", "disk-encryption is",
            "Disks of all machines are encrypted.", "The maps contain no errors.", "vouchsafe/pack@v1",
            "vouchsafe/statement@v1", "fails firewall",
        ]
        for _ in 0..<2 {
            for word in planted { #expect(try !house.folder.holds(word), "\(word)") }
            #expect(try house.folder.holds("host.reported"), "the search itself finds what is there")
            // Once with the write-ahead log and once after it was folded into the file.
            try await house.rooms.database.close()
        }
    }
}
