import Commitments
import Kernel
import Store
import Testing

@Suite struct PublishingAtOnceTests {
    @Test func twoWhoPublishTheSameStateItOnce() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted, .walled))
        try await organisation.see(.pass)
        async let one = organisation.publications.publish(for: TestOrganisation.id, as: .job(.publish))
        async let two = organisation.publications.publish(for: TestOrganisation.id, as: .job(.publish))
        #expect(try await one + two == 2, "each commitment is stated by one of them")
        #expect(try await organisation.publications.edition(of: TestOrganisation.id) == 1)
    }
}
