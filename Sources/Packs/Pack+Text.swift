import Crypto
import Kernel

extension Pack.TextDigest {
    /// The digest of `text`.
    public init(of text: [UInt8]) {
        self.init(sha256: Array(SHA256.hash(data: text)).hex, bytes: text.count)
    }
}

/// What pages and reports ask of a pack once the text is there.
extension Pack {
    /// Tells whether `text` is, byte for byte, the one that the pack describes.
    public func describes(_ text: [UInt8]) -> Bool {
        policy.text == TextDigest(of: text)
    }

    /// The words of `span`.
    ///
    /// - Returns: `nil` if the span lies outside `text`.
    public func words(of span: Span, in text: [UInt8]) -> String? {
        guard 0 <= span.start, span.start < span.end, span.end <= text.count else { return nil }
        return String(decoding: text[span.start..<span.end], as: UTF8.self)
    }

    /// Tells whether a line break follows `span` before the next word of `text`, or the text ends.
    public func endsParagraph(_ span: Span, in text: [UInt8]) -> Bool {
        guard span.end <= text.count else { return true }
        var rest = text[max(0, span.end)...]
        while let byte = rest.first, isWhitespace(byte) {
            if byte == 0x0A || byte == 0x0D { return true }
            rest.removeFirst()
        }
        return rest.isEmpty
    }

    /// The sentences that make the commitment `id`, in the order of `text`.
    public func wording(of id: String, in text: [UInt8]) -> [String] {
        spans.lazy.filter { $0.commitments.contains(id) }.compactMap { words(of: $0, in: text) }
    }

    /// The defects that lie in sentences which make the commitment `id`.
    public func defects(of id: String) -> [Defect] {
        defects.filter { defect in
            spans.contains { $0.commitments.contains(id) && $0.start < defect.end && defect.start < $0.end }
        }
    }
}
