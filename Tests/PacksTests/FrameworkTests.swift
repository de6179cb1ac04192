import Kernel
import Testing

@testable import Packs

@Suite("Control numbers")
struct FrameworkTests {
    @Test("Annex A has 114 controls in 2013 and 93 in 2022")
    func counts() {
        #expect(AnnexA.groups2013.values.flatMap { $0 }.reduce(0, +) == 114)
        #expect(AnnexA.themes2022.values.reduce(0, +) == 93)
        #expect(AnnexASuccessors.of.count == 114)
        #expect(AnnexASuccessors.of.keys.allSatisfy { Framework.iso27001v2013.objection(to: $0) == nil })
        #expect(AnnexASuccessors.of.values.joined().allSatisfy { Framework.iso27001v2022.objection(to: $0) == nil })
    }

    @Test(
        "a number that exists is accepted",
        arguments: [
            (Framework.iso27001v2013, "A.5.1.1"), (.iso27001v2013, "A.18.2.3"), (.iso27001v2013, "A.12.7.1"),
            (.iso27001v2022, "A.5.1"), (.iso27001v2022, "A.5.37"), (.iso27001v2022, "A.8.34"), (.gdpr, "32"),
            (.gdpr, "32(1)"), (.gdpr, "32(1)(a)"), (.gdpr, "4(12)"), (.gdpr, "99"),
        ])
    func accepted(framework: Framework, reference: String) {
        #expect(framework.objection(to: reference) == nil)
    }

    @Test(
        "a number that does not exist is refused",
        arguments: [
            (Framework.iso27001v2013, "A.5.1.3"), (.iso27001v2013, "A.4.1.1"), (.iso27001v2013, "A.8.24"),
            (.iso27001v2013, "A.05.1.1"), (.iso27001v2013, "5.1.1"), (.iso27001v2013, "A.9.0.1"),
            (.iso27001v2013, "A.9.1."),
            (.iso27001v2022, "A.5.38"), (.iso27001v2022, "A.8.35"), (.iso27001v2022, "A.9.1"),
            (.iso27001v2022, "A.8.0"),
            (.iso27001v2022, "A.10.1.1"), (.gdpr, "100"), (.gdpr, "0"), (.gdpr, "32(1"), (.gdpr, "32(1)(aa)"),
            (.gdpr, "32(a)(1)"), (.gdpr, "32 (1)"), (.gdpr, "Art. 32"), (.gdpr, ""), (.gdpr, "32()"),
        ])
    func refused(framework: Framework, reference: String) {
        #expect(framework.objection(to: reference) != nil)
    }

    @Test(
        "thresholds read and write back",
        arguments: ["all", "95 %", "99.5 %", "0.01 %", "1.05 %"])
    func thresholds(text: String) {
        #expect(Threshold(text)?.description == text)
    }

    @Test(
        "what is no share is refused",
        arguments: ["", "%", "0 %", "101 %", "95", "-5 %", "9.999 %", "1e2 %", "95  %", "٩ %"])
    func noThreshold(text: String) {
        #expect(Threshold(text) == nil)
    }

    @Test("a share is met exactly at its limit, and never by rounding")
    func met() {
        let share = Threshold("95 %")
        #expect(share?.isMet(by: 19, of: 20) == true)
        #expect(share?.isMet(by: 18, of: 19) == false)
        #expect(Threshold("100%") == .all)
        #expect(Threshold.all.isMet(by: 19, of: 20) == false)
    }
}
