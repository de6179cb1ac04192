import Kernel
import Testing

@testable import Age

struct ArmourTests {
    /// A file of C2SP/CCTV (x25519), which holds the three letters `age`.
    private static let published = """
        -----BEGIN AGE ENCRYPTED FILE-----
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBURWlGMHlwcXIrYnB2Y3FY
        TnlDVkpwTDdPdXdQZFZ3UEw3S1FFYkZET0NjCmhqYWJHWHdTTFE5YzNTNkx3Mmkr
        UzJUdTJmaXdRSEhzbGJCTjZCNDFGTEUKLS0tIFd5SnA5Ri85Rk9aaDdnSmRoZXEy
        V0lKY3dIZ1ljOE5JVmgzZGR3aHJjTmcK7s9ix86RtDMnTmjU8vkTTLdMW/73vqpS
        yPC8DpksHoMx+2Y=
        -----END AGE ENCRYPTED FILE-----

        """
    private static let identity = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"

    private func opened(_ text: String, cut: Cut = .whole) throws -> Opened {
        open(Array(text.utf8), with: AgeDecryptor(with: [try AgeIdentity(parsing: Self.identity)]), cut: cut)
    }

    @Test func thePublishedFileOpens() throws {
        for cut in [Cut.whole, .pieces(of: 1), .pieces(of: 64), .pieces(of: 66)] {
            #expect(try opened(Self.published, cut: cut) == Opened(plaintext: Array("age".utf8)))
        }
    }

    @Test(arguments: [
        published.replacing("\n", with: "\r\n"), String(published.dropLast()), " \t\r\n\n" + published + "\n\r\n \t",
    ])
    func lineEndsAndSpaceAroundTheBlockMayDiffer(text: String) throws {
        for cut in [Cut.whole, .pieces(of: 1), .pieces(of: 3)] {
            #expect(try opened(text, cut: cut) == Opened(plaintext: Array("age".utf8)))
        }
    }

    @Test(arguments: [
        published.replacing("BEGIN AGE", with: "BEGIN  AGE"),
        published.replacing("FILE-----\nYW", with: "FILE----- \nYW"),
        published.replacing("AGE", with: "age"), published.replacing("mkr\nUz", with: "mkr\n\nUz"),
        published.replacing("mkr\nUz", with: "mkrUz"), published.replacing("mkr\nUz", with: "m\nkrUz"),
        published.replacing("mkr\nUz", with: "mkr \nUz"), published.replacing("mkr\nUz", with: "mkr\n Uz"),
        published.replacing("+2Y=", with: "+2Y"), published.replacing("+2Y=", with: "+2Z="),
        published.replacing("+2Y=", with: "+2Y=="), published.replacing("+2Y=", with: "+2Y=\nAAAA"),
        published.replacing("+2Y=", with: "+2Y=\n=twTO"),
        published.replacing("-----END AGE ENCRYPTED FILE-----\n", with: ""),
        published.replacing("-----END", with: "----END"), published + "x", published + published,
        published.replacing("\n", with: "\r"), published.replacing("YWdl", with: "Key: value\n\nYWdl"),
    ])
    func anyOtherChangeIsRefused(text: String) throws {
        #expect(text != Self.published)
        for cut in [Cut.whole, .pieces(of: 1), .pieces(of: 50)] {
            let problem = try opened(text, cut: cut).problem
            #expect(problem?.code == "age.armour", "\(cut) \(String(describing: problem))")
            #expect(code { _ = try outlined(Array(text.utf8), cut: cut) } == "age.armour")
        }
    }

    @Test(arguments: ["x", "\u{1F}\u{8B}", "  ", "PK\u{3}\u{4}", "é"])
    func whatIsNoAgeFileIsSaidToBeNone(text: String) throws {
        #expect(try opened(text).problem?.code == "age.format")
    }

    @Test func everyLengthIsWrittenAsItIsRead() throws {
        for length in 0...150 {
            let bytes = Samples.bytes(length, seed: UInt64(length))
            for cut in [Cut.whole, .pieces(of: 1), .pieces(of: 47), .pieces(of: 49)] {
                var writer = ArmourWriter()
                var text: [UInt8] = []
                for piece in cut.pieces(bytes) { writer.write(Array(piece), into: &text) }
                writer.finish(into: &text)
                let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
                #expect(lines.dropFirst().dropLast(2).allSatisfy { $0.utf8.count == 64 })
                #expect(lines.count == 2 + (length + 47) / 48)
                var reader = ArmourReader()
                var back: [UInt8] = []
                try text.withUnsafeBufferPointer { try reader.read($0, into: &back) }
                try reader.finish(into: &back)
                #expect(back == bytes)
            }
        }
    }
}
