import Testing

@testable import Posture

@Suite struct DebianVersionTests {
    /// Debian Policy §5.6.12 and dpkg's own reasoning about tildes, epochs and digits.
    @Test(arguments: [
        ("1.0", "1.1"), ("1.9", "1.10"), ("1.0~rc1", "1.0"), ("1.0~~", "1.0~"), ("1.0~~a", "1.0~"), ("1.0", "1.0a"),
        ("1.0a", "1.0+"),
        ("1.0-1", "1.0-2"), ("1.0-1", "1.0-1+b1"), ("2.0", "1:0.1"), ("1.0-1", "1.0-1.1"),
        ("3.0.17-1~deb12u2", "3.0.17-1~deb12u3"),
        ("3.0.17-1~deb12u2", "3.0.17-1"), ("1.2-3-4", "1.2-3-5"), ("0:1", "1:0"), ("1", "1.0.0"), ("9", "10"),
        ("1.0", "1.0-1"), ("6.1.9", "6.1.10"),
    ])
    func `The older version sorts first`(older: String, newer: String) {
        #expect(DebianVersion(older) < DebianVersion(newer))
        #expect(!(DebianVersion(newer) < DebianVersion(older)))
    }

    @Test(arguments: [("1.0", "1.0-0"), ("0:1.0", "1.0"), ("1.00", "1.0"), ("01", "1"), ("1.0-01", "1.0-1")])
    func `Spellings of one version are equal`(left: String, right: String) {
        #expect(DebianVersion(left) == DebianVersion(right))
        #expect(!(DebianVersion(left) < DebianVersion(right)))
    }

    @Test func `The order is total on arbitrary strings`() {
        var dice = Dice(state: 7)
        let letters = Array("0019a~+.-:Z")
        func version() -> DebianVersion {
            DebianVersion(
                String(
                    (0..<Int.random(in: 0...8, using: &dice)).map { _ in letters.randomElement(using: &dice) ?? "0" }))
        }
        for _ in 0..<2000 {
            let (first, second, third) = (version(), version(), version())
            #expect([first < second, second < first, first == second].filter(\.self).count == 1)
            if first < second, second < third { #expect(first < third) }
        }
    }
}
