import Kernel

/// Writes an event as one JSON object, field by field, into memory that is used again.
///
/// What is no UTF-8 is mended, so that every event is JSON that others can read; the original line is kept elsewhere.
public struct EventWriter: Sendable {
    /// The JSON so far.
    public private(set) var bytes: [UInt8] = []

    /// A writer that has written nothing.
    public init() {}

    /// Forgets what was written and begins an object.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(UInt8(ascii: "{"))
    }

    /// Ends the object.
    mutating func end() { bytes.append(UInt8(ascii: "}")) }

    /// A field with text; nothing if there is none.
    mutating func add(_ name: StaticString, _ text: ArraySlice<UInt8>?) {
        guard let text else { return }
        name.withUTF8Buffer { key($0) }
        quote(text)
    }

    /// A field whose name stands in the log too.
    mutating func add(_ name: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) {
        comma()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        quote(text)
    }

    /// A field with one text, or a list of several.
    mutating func add(_ name: ArraySlice<UInt8>, _ texts: [[UInt8]]) {
        guard texts.count != 1 else { return add(name, texts[0][...]) }
        comma()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        list(texts)
    }

    /// A field with a list of texts; nothing if it is empty.
    mutating func add(_ name: StaticString, _ texts: [[UInt8]]) {
        guard !texts.isEmpty else { return }
        name.withUTF8Buffer { key($0) }
        if texts.count == 1 { quote(texts[0][...]) } else { list(texts) }
    }

    /// A field with a number, if the digits are one; else with text.
    mutating func add(_ name: StaticString, number digits: ArraySlice<UInt8>?) {
        guard let digits else { return }
        let isNumber =
            (1...15).contains(digits.count) && digits.allSatisfy(ASCII.isDigit)
            && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
        guard isNumber else { return add(name, digits) }
        name.withUTF8Buffer { key($0) }
        bytes += digits
    }

    /// A field with a moment, as RFC 3339.
    mutating func add(_ name: StaticString, _ instant: Instant?) {
        guard let instant else { return }
        add(name, Array(instant.description.utf8)[...])
    }

    private mutating func list(_ texts: [[UInt8]]) {
        bytes.append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            quote(text[...])
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func comma() {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func key(_ name: UnsafeBufferPointer<UInt8>) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        bytes += name
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func quote(_ text: ArraySlice<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        if text.allSatisfy({ $0 >= 0x20 && $0 < 0x80 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            bytes += text
        } else if String(validating: text, as: UTF8.self) != nil {
            escape(text)
        } else {
            escape(Array(String(decoding: text, as: UTF8.self).utf8)[...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: ArraySlice<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20:
                bytes += Array("\\u00".utf8)
                bytes.append(ASCII.hexDigit(byte >> 4))
                bytes.append(ASCII.hexDigit(byte & 15))
            default: bytes.append(byte)
            }
        }
    }
}
