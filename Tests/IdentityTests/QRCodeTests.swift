import Foundation
import Kernel
import TestSupport
import Testing

@testable import Identity

/// What is drawn is what another program reads: Debian's `zbarimg`.
@Suite(.enabled(if: QRCode("x") != nil, "libqrencode is not installed"))
struct QRCodeTests {
    private static let reader = "/usr/bin/zbarimg"

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: reader), "zbarimg is not installed"),
        arguments: [
            "x", "otpauth://totp/V:a?secret=GEZD", " ~!\"{}",
            OneTimePasswordFactor(randomness: seededRandomness(1)).uri(
                issuer: "Vouchsafe", account: "ada.lovelace@example.org"),
            OneTimePasswordFactor(randomness: seededRandomness(2)).uri(
                issuer: "Höhenweg & Söhne", account: String(repeating: "long.", count: 40) + "name@example.org"),
        ])
    func anotherProgramReadsIt(text: String) throws {
        let folder = try TemporaryFolder()
        let image = URL(filePath: "\(folder.path)/code.pgm")
        try Self.picture(try #require(QRCode(text))).write(to: image)
        let process = Process()
        process.executableURL = URL(filePath: Self.reader)
        process.arguments = ["--quiet", "--raw", "--oneshot", "-Sdisable", "-Sqrcode.enable", image.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let read = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(String(decoding: read, as: UTF8.self).trimmingCharacters(in: .newlines) == text)
    }

    @Test func aBorderIsLeftAndNothingButAPathIsDrawn() throws {
        let code = try #require(QRCode("otpauth://totp/V:a?secret=GEZD"))
        #expect(code.path.wholeMatch(of: /(M\d+ \d+h\d+v1h-\d+z)+/) != nil)
        let dark = Self.dark(code)
        #expect(dark.allSatisfy { (4..<code.side - 4).contains($0.x) && (4..<code.side - 4).contains($0.y) })
        #expect(dark.contains(Square(x: 4, y: 4)) && dark.contains(Square(x: code.side - 5, y: 4)))
    }

    @Test func whatCannotBeDrawnIsLeftToText() {
        #expect(QRCode("") == nil && QRCode("é") == nil)
        #expect(QRCode(String(repeating: "x", count: QRCode.longest)) != nil)
        #expect(QRCode(String(repeating: "x", count: QRCode.longest + 1)) == nil)
    }

    private struct Square: Hashable {
        let x: Int
        let y: Int
    }

    /// The dark squares, read from the path as a browser would.
    private static func dark(_ code: QRCode) -> Set<Square> {
        var squares: Set<Square> = []
        for run in code.path.matches(of: /M(\d+) (\d+)h(\d+)v1h-(\d+)z/) {
            guard let x = Int(run.1), let y = Int(run.2), let width = Int(run.3), run.3 == run.4 else { return [] }
            for offset in 0..<width { squares.insert(Square(x: x + offset, y: y)) }
        }
        return squares
    }

    /// A grey picture with four dots for each square.
    private static func picture(_ code: QRCode) -> Data {
        let dark = dark(code)
        let size = code.side * 4
        var picture = Data("P5 \(size) \(size) 255\n".utf8)
        for y in 0..<size {
            for x in 0..<size { picture.append(dark.contains(Square(x: x / 4, y: y / 4)) ? 0 : 255) }
        }
        return picture
    }
}
