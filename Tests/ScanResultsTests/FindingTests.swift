import Kernel
import ScanResults
import Testing

@Suite("Findings")
struct FindingTests {
    private func finding(_ address: String, rule: String = "web.x", part: String? = nil) -> Finding {
        Finding(rule: rule, title: "X", severity: .low, "There is x.", at: Finding.Location(address, part: part))
    }

    @Test("a finding stays the same where only the query differs, and is another one elsewhere")
    func fingerprint() {
        let first = finding("https://a.example/p?session=1")
        #expect(first.fingerprint == finding("https://a.example/p?session=2").fingerprint)
        #expect(first.fingerprint != finding("https://a.example/q").fingerprint)
        #expect(first.fingerprint != finding("https://a.example/p", part: "sid").fingerprint)
        #expect(first.fingerprint != finding("https://a.example/p", rule: "web.y").fingerprint)
    }

    @Test("grades are in order, the worst below F")
    func grades() {
        #expect(
            ScanGrade.aPlus > .a && ScanGrade.a > .aMinus && ScanGrade.f > .mismatch && ScanGrade.mismatch > .untrusted)
    }
}
