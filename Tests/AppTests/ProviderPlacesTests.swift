import OpenIDConnect
import Testing

@testable import App

@Suite struct ProviderPlacesTests {
    private func issuer(_ name: String) throws -> Issuer { try Issuer("https://\(name).example", rule: .secure) }

    /// How many of `issuers`, one after the other, got a place.
    private func taken(_ issuers: [Issuer], of places: inout ProviderPlaces) -> Int {
        issuers.count { places.take(for: $0) }
    }

    @Test func aProviderThatLetsEverybodyWaitKeepsNobodyFromAnother() throws {
        var places = ProviderPlaces()
        let (slow, other) = (try issuer("slow"), try issuer("other"))
        // By whichever of its names.
        let elsewhere = try Issuer("https://slow.example/realms/other", rule: .secure)
        let ofSlow = taken((0..<100).map { $0 % 2 == 0 ? slow : elsewhere }, of: &places)
        #expect(ofSlow == ProviderPlaces.mostOfOne)
        let ofOther = taken([other], of: &places)
        #expect(ofOther == 1)
        places.giveBack(by: slow)
        let again = taken([slow, slow], of: &places)
        #expect(again == 1)
    }

    @Test func allTogetherAreBoundedToo() throws {
        var places = ProviderPlaces()
        let issuers = try (0..<(ProviderPlaces.most * 2)).map { try issuer("provider\($0)") }
        let first = taken(issuers, of: &places)
        #expect(first == ProviderPlaces.most)
        for issuer in issuers.prefix(3) { places.giveBack(by: issuer) }
        let second = taken(issuers, of: &places)
        #expect(second == 3)
    }

    @Test func aPlaceThatNobodyHoldsIsNotGivenBack() throws {
        var places = ProviderPlaces()
        places.giveBack(by: try issuer("nobody"))
        let all = taken(try (0...ProviderPlaces.most).map { try issuer("provider\($0)") }, of: &places)
        #expect(all == ProviderPlaces.most)
    }
}
