import Kernel
import Store
import TestSupport
import Testing

@testable import Identity

/// Nobody can lock out somebody else, and nobody guesses for ever.
@Suite struct KnownDeviceTests {
    private static let noMarks = DeviceMarks(presented: nil)

    /// An account whose password guessers from everywhere have used up.
    private func besieged() async throws -> (TestInstallation, SignedIn, DeviceMarks) {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        let marks = try await installation.desk.marks(Self.noMarks, with: token)
        try await besiege(installation)
        return (installation, signedIn, marks)
    }

    /// A hundred failures from as many networks, without the work of hashing what was guessed.
    private func besiege(_ installation: TestInstallation) async throws {
        let address = try Account.normalised(email: TestInstallation.email)
        for number in 0..<100 {
            _ = try await installation.desk.throttle.begin(address, from: .network("\(number)"))
        }
    }

    @Test func afterAHundredFailuresThePasswordWorksOnlyOnKnownDevices() async throws {
        let (installation, _, marks) = try await besieged()
        #expect(await problem { try await installation.signIn() }?.code == "identity.locked")
        try await installation.signIn(on: DeviceMarks(presented: marks.text))
        // It was its owner: the count begins anew.
        try await installation.signIn()
    }

    @Test func aKnownDeviceDoesNotWaitForOthersInItsNetwork() async throws {
        let (installation, token, _) = try await TestInstallation.owned()
        let marks = try await installation.desk.marks(Self.noMarks, with: token)
        for _ in 0..<6 { _ = await problem { try await installation.signIn(TestInstallation.email, "no") } }
        #expect(await problem { try await installation.signIn() }?.code == "identity.throttled")
        try await installation.signIn(on: marks)
    }

    @Test func aKnownDeviceHasAHundredGuessesAndNoMore() async throws {
        let (installation, token, _) = try await TestInstallation.owned()
        let marks = try await installation.desk.marks(Self.noMarks, with: token)
        for _ in 0..<3 {
            #expect(
                await problem { try await installation.signIn(TestInstallation.email, "no", on: marks) }?.code
                    == "identity.sign-in")
        }
        let address = try Account.normalised(email: TestInstallation.email)
        let device = try #require([UInt8](hex: String(marks.text.prefix(32))))
        for _ in 3..<100 {
            _ = try await installation.desk.throttle.begin(address, from: .known(device.hex))
            installation.clock.move(by: .hours(1))
        }
        #expect(await problem { try await installation.signIn(on: marks) }?.code == "identity.locked")
        // And its guesses are not those of others.
        try await installation.signIn()
    }

    @Test func aMarkIsOnePersonsAndEndsWithTheirPassword() async throws {
        let (installation, signedIn, marks) = try await besieged()
        let (invitation, _) = try await installation.desk.invite(
            "eve@example.org", as: "member", by: signedIn.caller)
        let (session, _) = try await installation.desk.join(
            with: invitation, name: "Eve", email: "eve@example.org", password: "seven unrelated words, please",
            network: "n")
        let others = try await installation.desk.marks(Self.noMarks, with: session)
        #expect(await problem { try await installation.signIn(on: others) }?.code == "identity.locked")
        let both = try await installation.desk.marks(marks, with: session)
        try await installation.signIn(on: both)
        installation.clock.move(by: .seconds(1))
        try await installation.desk.changePassword(
            of: signedIn, to: "nine purple tables are singing", current: TestInstallation.password, network: "n")
        try await besiege(installation)
        #expect(
            await problem {
                try await installation.signIn(TestInstallation.email, "nine purple tables are singing", on: both)
            }?.code == "identity.locked")
    }

    @Test(arguments: ["", ".", "00", String(repeating: "0", count: 64), String(repeating: "x.", count: 5000)])
    func whatIsNoMarkIsNoKnownDevice(_ text: String) async throws {
        let (installation, _, _) = try await besieged()
        let code = await problem { try await installation.signIn(on: DeviceMarks(presented: text)) }?.code
        #expect(code == "identity.locked")
    }

    @Test func aBrowserKeepsTheMarksOfFivePeopleAndOneOfEach() async throws {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        var marks = try await installation.desk.marks(Self.noMarks, with: token)
        let (again, _) = try await installation.signIn()
        marks = try await installation.desk.marks(marks, with: again)
        #expect(marks.text.split(separator: ".").count == 1)
        for number in 0..<6 {
            let (invitation, _) = try await installation.desk.invite(
                "p\(number)@example.org", as: "member", by: signedIn.caller)
            let (session, _) = try await installation.desk.join(
                with: invitation, name: "P", email: "p\(number)@example.org",
                password: "seven unrelated words, please", network: "n")
            marks = try await installation.desk.marks(marks, with: session)
        }
        #expect(DeviceMarks(presented: marks.text).text.split(separator: ".").count == 5)
    }

    @Test func aMarkHasItsAttemptsOnceAndOnlyThePasswordMakesOne() async throws {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        let marks = try await installation.desk.marks(Self.noMarks, with: token)
        let (again, _) = try await installation.signIn(on: marks)
        #expect(try await installation.desk.marks(marks, with: again).text == marks.text)
        let codes = try await installation.desk.makeRecoveryCodes(of: signedIn)
        guard
            case .done(let recovered, _) = try await installation.desk.signIn(
                email: TestInstallation.email, recoveryCode: codes[0])
        else {
            Issue.record("No second factor is there to be asked for.")
            return
        }
        #expect(try await installation.desk.marks(Self.noMarks, with: recovered).text.isEmpty)
    }

    @Test func aNewPasswordEndsTheSiege() async throws {
        let (installation, signedIn, _) = try await besieged()
        try await installation.desk.changePassword(
            of: signedIn, to: "nine purple tables are singing", current: TestInstallation.password, network: "n")
        try await installation.signIn(TestInstallation.email, "nine purple tables are singing")
    }

    @Test func aPersonWhoIsSignedInConfirmsWhateverOthersGuess() async throws {
        let (installation, signedIn, _) = try await besieged()
        _ = try await installation.desk.confirm(
            signedIn, password: TestInstallation.password, code: "", network: "192.0.2.0/24")
    }

    @Test func aRecoveryCodeAlwaysWorks() async throws {
        let (installation, signedIn, _) = try await besieged()
        let codes = try await installation.desk.makeRecoveryCodes(of: signedIn)
        let desk = installation.desk
        guard
            case .done(_, let recovered) = try await desk.signIn(email: TestInstallation.email, recoveryCode: codes[0])
        else {
            Issue.record("No second factor is there to be asked for.")
            return
        }
        #expect(recovered.session.means == [.recoveryCode])
        for (email, code) in [
            (TestInstallation.email, codes[0]), (TestInstallation.email, "AAAA-AAAA-AAAA-AAAA"),
            (TestInstallation.email, ""), ("nobody@example.org", codes[1]), ("", codes[1]),
        ] {
            #expect(
                await problem { _ = try await desk.signIn(email: email, recoveryCode: code) }?.code
                    == "sign-in.recovery")
        }
        try await desk.changePassword(of: recovered, to: "nine purple tables are singing", network: "n")
        try await installation.signIn(TestInstallation.email, "nine purple tables are singing")
    }
}
