/// Steps over the tokens of JSON, byte by byte or eight at a time; never beyond the end.
enum JSONTokens {
    @inline(__always)
    static func skipSpace(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        while at < end, at.pointee <= 0x20,
            at.pointee == 0x20 || at.pointee == 0x0A || at.pointee == 0x0D || at.pointee == 0x09
        {
            at += 1
        }
    }

    /// The bytes of a string whose opening quote is next; `at` is then behind its closing quote.
    @inline(__always)
    static func string(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> (bytes: UnsafePointer<UInt8>, count: Int, isEscaped: Bool)? {
        let start = at + 1
        var place = start
        var isEscaped = false
        while true {
            while end - place >= 8 {
                let word = Bytes.load64(place)
                let quotes = Bytes.mask(of: UInt8(ascii: "\""), in: word)
                let slashes = Bytes.mask(of: UInt8(ascii: "\\"), in: word)
                let found = quotes | slashes
                if found == 0 {
                    place += 8
                    continue
                }
                place += found.trailingZeroBitCount >> 3
                break
            }
            guard place < end else { return nil }
            switch place.pointee {
            case UInt8(ascii: "\""):
                at = place + 1
                return (start, place - start, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                place += 2
                guard place <= end else { return nil }
            default: place += 1
            }
        }
    }

    @inline(__always)
    static func word(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ word: StaticString
    ) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end - at >= count, Bytes.equal(at, word.utf8Start, count) else { return false }
        at += count
        return true
    }

    @inline(__always)
    static func skipNumber(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        guard at.pointee == UInt8(ascii: "-") || at.pointee &- UInt8(ascii: "0") < 10 else { return false }
        at += 1
        while at < end {
            switch at.pointee {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
                UInt8(ascii: "+"), UInt8(ascii: "-"):
                at += 1
            default: return true
            }
        }
        return true
    }

    /// Steps over any value; what is inside is only balanced, not read.
    static func skipValue(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        var depth = 0
        repeat {
            skipSpace(&at, end)
            guard at < end else { return false }
            switch at.pointee {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                at += 1
            case UInt8(ascii: "\""): guard string(&at, end) != nil else { return false }
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { return false }
                at += 1
            default:
                let start = at
                while at < end, !isDelimiter(at.pointee) { at += 1 }
                guard at > start else { return false }
            }
        } while depth > 0
        return depth == 0
    }

    static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), UInt8(ascii: "\""),
            UInt8(ascii: "{"), UInt8(ascii: "["), 0x20, 0x09, 0x0A, 0x0D:
            true
        default: false
        }
    }
}
