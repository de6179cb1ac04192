import Kernel
import Testing

@testable import Identity

struct CommonPasswordTests {
    private static let context = ["Ada Lovelace", "ada.lovelace@hazelbrook.example", "Hazelbrook Maps", "Vouchsafe"]

    @Test(
        "patterns are refused, with their reason",
        arguments: [
            ("aaaaaaaaaaaaaaaa", .repeated), ("hunterhunterhunter", .repeated), ("x7Kq9-x7Kq9-x7Kq9", .repeated),
            ("x7Kq9x7Kq9", .repeated),
            ("................", .repeated), ("123456789012345", .walk), ("abcdefghijklmnop", .walk),
            ("qwertyuiopasdfgh", .walk), ("QWERTZUIOPÜasdfg", .walk), ("1q2w3e4r5t6y7u8i", .walk),
            ("1qaz2wsx3edc4rfv", .walk), ("0987654321poiuytrewq", .walk), ("1999 2004 2011 2026", .year),
            ("PasswordPassword1", .word("password")), ("P@ssw0rd-P@ssw0rd1", .word("password")),
            ("Password123456789", .walk), ("Summer2026!Summer2026!", .word("summer")),
            ("Hazelbrook-Maps-2026", .word("hazelbrook")), ("lovelace.lovelace!", .word("lovelace")),
            ("vouchsafe-vouchsafe-1", .word("vouchsafe")), ("AdaLovelace-Hazelbrook", .word("adalovelace")),
            ("willkommen#willkommen", .word("willkommen")),
        ] as [(String, CommonPasswords.Reason)])
    func patterns(password: String, reason: CommonPasswords.Reason) {
        #expect(CommonPasswords().reason(against: password, context: Self.context) == reason)
    }

    @Test(
        "what only contains a pattern is fine",
        arguments: [
            "dragon under the blue bridge", "my password is a riddle, ada",
            "vK3#pZ81qLm0xTwe", "Ein Pferd ißt keinen Gurkensalat", "summer rain on hot slate", "水は方円の器に随う、人は善悪の友による",
            "hazelbrook is where otters nap", "qwerty otters juggle walnuts",
        ])
    func others(password: String) {
        #expect(CommonPasswords().reason(against: password, context: Self.context) == nil)
    }

    @Test(
        "what everybody tries is refused however it is written",
        arguments: [
            "correcthorsebatterystaple", "Correct Horse Battery Staple", "correct-horse-battery-staple1",
            "iloveyouforever", "I love you forever! 2026", "ManchesterUnited", "thequickbrownfox123",
            "May the Force be with you!",
        ])
    func phrases(password: String) {
        #expect(CommonPasswords().reason(against: password, context: []) == .listed)
    }

    @Test func whatIsShippedIsWrittenAsItIsCompared() {
        for phrase in CommonPhrases.all {
            #expect(phrase.allSatisfy { $0.isLetter || $0.isNumber } && phrase == phrase.lowercased(), "\(phrase)")
        }
        #expect(Set(CommonPhrases.all).count == CommonPhrases.all.count)
    }

    @Test func theOperatorsListIsComparedWhole() throws {
        let text = "#!comment: a list\nblue bridge under dragons\nLE\u{301}GER COMME UNE PLUME\r\n\n"
        let list = try CommonPasswords(list: Array(text.utf8))
        #expect(list.count == 2)
        #expect(list.reason(against: "Blue Bridge Under Dragons", context: []) == .listed)
        #expect(list.reason(against: "blue-bridge-under-dragons-77", context: []) == .listed)
        #expect(list.reason(against: "léger comme une plume", context: []) == .listed)
        #expect(list.reason(against: "blue bridge under dragons again", context: []) == nil)
    }

    @Test func aListThatCannotBeReadIsRefused() {
        for bytes in [[0xFF], [UInt8](repeating: 10, count: CommonPasswords.longestList + 1)] as [[UInt8]] {
            #expect(throws: Problem.self) { try CommonPasswords(list: bytes) }
        }
    }

    @Test(
        "everybody is told why",
        arguments: [.listed, .repeated, .walk, .year, .word("ada")] as [CommonPasswords.Reason])
    func reasons(reason: CommonPasswords.Reason) {
        let problem = CommonPasswords.problem(reason)
        #expect(problem.code == "identity.password" && problem.hint != nil && problem.message.hasSuffix("."))
    }

    @Test func theLongestPasswordIsJudgedSoon() {
        let started = ContinuousClock.now
        let words = (1...50).map { "context word \($0)" }
        _ = CommonPasswords().reason(against: String(repeating: "abcab", count: 200) + "x", context: words)
        #expect(ContinuousClock.now - started < .seconds(2))
    }
}
