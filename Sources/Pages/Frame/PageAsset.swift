import Crypto
import Foundation
import Kernel
import PageAssets

/// A file that pages refer to: the style sheet, the script, the icon.
public struct PageAsset: Sendable {
    /// Its name below `/assets/`.
    public let name: String
    /// Its content.
    public let bytes: [UInt8]
    /// The `Content-Type` to send.
    public let mediaType: String
    /// Changes whenever the bytes do: without quotes, for an `ETag` and for the query of its address.
    public let tag: String
    /// By what a browser recognises it (W3C Subresource Integrity).
    let integrity: String

    /// All files that stand below `/assets/`.
    public static let all: [PageAsset] = embedded.compactMap { path, bytes in
        let mediaType: String
        switch path {
        case "style.css": mediaType = "text/css; charset=utf-8"
        case "vouchsafe.js": mediaType = "text/javascript; charset=utf-8"
        case "icon.svg": mediaType = "image/svg+xml"
        default: return nil
        }
        let digest = Array(SHA384.hash(data: bytes))
        return PageAsset(
            name: path, bytes: bytes, mediaType: mediaType, tag: digest.prefix(8).hex,
            integrity: "sha384-\(Data(digest).base64EncodedString())")
    }

    /// The file called `name`, if there is one.
    public static func named(_ name: String) -> PageAsset? {
        all.first { $0.name == name }
    }

    /// The address under which pages ask for it; it changes with the content, so that browsers may keep the file for ever.
    var address: String { "/assets/\(name)?v=\(tag)" }

    /// Template name → text.
    static let templates: [(name: String, text: String)] = embedded.compactMap { path, bytes in
        guard path.hasPrefix("templates/"), path.hasSuffix(".mustache") else { return nil }
        return (String(path.dropFirst(10).dropLast(9)), String(decoding: bytes, as: UTF8.self))
    }

    private static let embedded: [(path: String, bytes: [UInt8])] = (0..<page_asset_count()).map { index in
        let asset = page_asset_at(index)
        return (String(cString: asset.path), Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count)))
    }
}
