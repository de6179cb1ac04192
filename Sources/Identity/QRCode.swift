import CQRCode

/// A QR code as the outline of its dark squares: to be drawn as
/// `<svg viewBox="0 0 side side" shape-rendering="crispEdges"><path d="path"/></svg>` in black on white.
public struct QRCode: Hashable, Sendable {
    /// How many squares it is wide and high, with the light border of four that readers need (ISO/IEC 18004).
    public let side: Int
    /// The dark squares as the `d` of one SVG path: letters, digits, spaces and minus signs only.
    public let path: String

    /// The most bytes that are drawn; more squares than that are hard to read from a screen.
    static let longest = 512

    /// Draws `text`, which must be ASCII as every URI is: of other bytes readers guess the encoding.
    ///
    /// - Returns: `nil` if it is none, empty or too long, or if this machine has no libqrencode: show the text itself then.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...Self.longest).contains(bytes.count), bytes.allSatisfy({ $0 < 0x80 }), let functions = Self.functions,
            let code = functions.encode(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M)
        else { return nil }
        defer { functions.free(code) }
        let width = Int(code.pointee.width)
        guard width > 0, let squares = code.pointee.data else { return nil }

        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                let start = column
                // The lowest bit tells dark from light.
                while column < width, squares[row * width + column] & 1 == 1 { column += 1 }
                let run = column - start
                if run > 0 {
                    path += "M\(start + Self.border) \(row + Self.border)h\(run)v1h-\(run)z"
                } else {
                    column += 1
                }
            }
        }
        side = width + 2 * Self.border
        self.path = path
    }

    private static let border = 4

    /// Found once; the library stays loaded.
    private static let functions: QRCodeFunctions? = withUnsafeTemporaryAllocation(
        of: QRCodeFunctions.self, capacity: 1
    ) {
        guard let place = $0.baseAddress, vouchsafe_load_qrencode(place) == nil else { return nil }
        return place.move()
    }
}
