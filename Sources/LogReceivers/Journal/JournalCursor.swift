import Foundation

/// Where an entry of the journal stands: in which boot of the machine, and when in it.
///
/// journald's own cursor is text, and its sequence numbers begin anew in each file and are given again when entries move from
/// memory to disk. The boot and the time since it (`b=` and `m=` in the cursor) stay with an entry for good, and that clock is
/// never set. Several entries may have the same microsecond, so that they are numbered within it.
struct JournalCursor: Hashable, Sendable {
    /// The boot's id: 32 hexadecimal digits.
    let boot: String
    /// Microseconds since the boot.
    let microseconds: UInt64
    /// The cursor as journald writes it.
    let text: String

    private static let key = Array("\"__CURSOR\":\"".utf8)
    private static let longest = 512

    /// Finds the cursor in an entry (`journalctl --output=json`); `nil` for what has none.
    ///
    /// What is found cannot be a value's text: there, quotation marks have backslashes before them.
    init?(entry: ArraySlice<UInt8>) {
        guard let start = Self.find(in: entry) else { return nil }
        let value = entry.dropFirst(start + Self.key.count).prefix(Self.longest)
        guard let end = value.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        self.init(String(decoding: value[..<end], as: UTF8.self))
    }

    /// How many bytes before the key there are. Some versions of journalctl write it first, some write it last.
    private static func find(in entry: ArraySlice<UInt8>) -> Int? {
        entry.withUnsafeBytes { bytes in
            var place = 0
            while place + key.count <= bytes.count, let base = bytes.baseAddress {
                guard let quote = memchr(base + place, Int32(key[0]), bytes.count - key.count + 1 - place) else {
                    break
                }
                if memcmp(quote, key, key.count) == 0 { return UnsafeRawPointer(quote) - base }
                place = UnsafeRawPointer(quote) - base + 1
            }
            return nil
        }
    }

    /// Reads a cursor as journald writes it: `s=…;i=…;b=…;m=…;t=…;x=…`.
    init?(_ text: String) {
        var boot: Substring?
        var microseconds: UInt64?
        for part in text.split(separator: ";") {
            if part.hasPrefix("b=") { boot = part.dropFirst(2) }
            if part.hasPrefix("m=") { microseconds = UInt64(part.dropFirst(2), radix: 16) }
        }
        guard let boot, let microseconds, Self.isIdentifier(boot) else { return nil }
        self.boot = String(boot)
        self.microseconds = microseconds
        self.text = text
    }

    /// Whether a text is an id of systemd, such as a boot's or a machine's: 32 hexadecimal digits.
    static func isIdentifier(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}

/// How far the journal of one boot was handed over, as the number that a batch's position is.
struct JournalPosition: Hashable, Comparable, Sendable {
    // 12 bits number the entries of one microsecond, 52 bits count microseconds: 142 years of uptime.
    private static let numberBits: UInt64 = 12
    private static let mostNumber = (UInt64(1) << numberBits) - 1

    /// Behind so many entries of that microsecond.
    let count: UInt64
    let microseconds: UInt64

    /// Behind the first `count` entries of a microsecond.
    init(microseconds: UInt64, count: UInt64) {
        self.microseconds = min(microseconds, UInt64.max >> Self.numberBits)
        self.count = min(count, Self.mostNumber)
    }

    init(_ number: UInt64) {
        microseconds = number >> Self.numberBits
        count = number & Self.mostNumber
    }

    var number: UInt64 { microseconds << Self.numberBits | count }

    static func < (left: JournalPosition, right: JournalPosition) -> Bool { left.number < right.number }

    /// The stream's name for a boot.
    static func stream(_ boot: String) -> String { "boot-\(boot)" }
}
