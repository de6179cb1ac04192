/// Undoes the compression of the vectors that are large: zlib (RFC 1950) around deflate (RFC 1951). Checksums are left out,
/// because each vector states the hash of its plaintext.
struct Inflate {
    struct Malformed: Error {}

    private let input: [UInt8]
    private var position = 2
    private var window: UInt32 = 0
    private var windowBits = 0
    private var output: [UInt8] = []

    static func bytes(_ compressed: [UInt8]) throws -> [UInt8] {
        guard compressed.count > 6, compressed[0] & 15 == 8, compressed[1] & 32 == 0 else { throw Malformed() }
        var inflate = Inflate(input: compressed)
        while try !inflate.readBlock() {}
        return inflate.output
    }

    private init(input: [UInt8]) { self.input = input }

    /// Reads a block and tells whether it was the last.
    private mutating func readBlock() throws -> Bool {
        let isLast = try bits(1) == 1
        switch try bits(2) {
        case 0: try readStored()
        case 1:
            let lengths = (0..<288).map { UInt8($0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8) }
            try readCodes(Codes(lengths), Codes([UInt8](repeating: 5, count: 30)))
        case 2:
            let (literals, distances) = try readTables()
            try readCodes(literals, distances)
        default: throw Malformed()
        }
        return isLast
    }

    private mutating func readStored() throws {
        (window, windowBits) = (0, 0)
        guard position + 4 <= input.count else { throw Malformed() }
        let count = Int(input[position]) | Int(input[position + 1]) << 8
        position += 4
        guard position + count <= input.count else { throw Malformed() }
        output += input[position..<position + count]
        position += count
    }

    private mutating func readTables() throws -> (Codes, Codes) {
        let literalCount = try bits(5) + 257
        let distanceCount = try bits(5) + 1
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var lengths = [UInt8](repeating: 0, count: 19)
        for place in order.prefix(try bits(4) + 4) { lengths[place] = UInt8(try bits(3)) }
        let codes = Codes(lengths)
        var all: [UInt8] = []
        while all.count < literalCount + distanceCount {
            switch try symbol(codes) {
            case 16:
                guard let last = all.last else { throw Malformed() }
                all += repeatElement(last, count: try bits(2) + 3)
            case 17: all += repeatElement(0, count: try bits(3) + 3)
            case 18: all += repeatElement(0, count: try bits(7) + 11)
            case let length: all.append(UInt8(length))
            }
        }
        return (Codes(Array(all[..<literalCount])), Codes(Array(all[literalCount...])))
    }

    private mutating func readCodes(_ literals: Codes, _ distances: Codes) throws {
        while true {
            let symbol = try symbol(literals)
            if symbol < 256 {
                output.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            let (lengthBase, lengthBits) = try Self.length(symbol)
            let length = try lengthBase + bits(lengthBits)
            let place = try self.symbol(distances)
            guard place < 30 else { throw Malformed() }
            let distanceBits = max(0, place / 2 - 1)
            let distanceBase = place < 2 ? place + 1 : (2 + place % 2) << distanceBits + 1
            var distance = try distanceBase + bits(distanceBits)
            guard distance <= output.count else { throw Malformed() }
            var missing = length
            while missing > 0 {
                let count = min(missing, distance)
                output += Array(output[(output.count - distance)..<(output.count - distance + count)])
                missing -= count
                // What was just written repeats what stands before it, so the next copy may take twice as much.
                distance += count
            }
        }
    }

    /// The base and the extra bits of a length symbol (RFC 1951 §3.2.5).
    private static func length(_ symbol: Int) throws -> (Int, Int) {
        switch symbol {
        case 257..<265: return (symbol - 254, 0)
        case 265..<285:
            let extra = (symbol - 261) / 4
            return ((4 + (symbol - 261) % 4) << extra + 3, extra)
        case 285: return (258, 0)
        default: throw Malformed()
        }
    }

    private mutating func bits(_ count: Int) throws -> Int {
        while windowBits < count {
            guard position < input.count else { throw Malformed() }
            window |= UInt32(input[position]) << UInt32(windowBits)
            position += 1
            windowBits += 8
        }
        let value = window & (1 << UInt32(count) - 1)
        window >>= UInt32(count)
        windowBits -= count
        return Int(value)
    }

    private mutating func symbol(_ codes: Codes) throws -> Int {
        var code = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            code |= try bits(1)
            let count = codes.counts[length]
            if code - count < first { return codes.symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw Malformed()
    }

    /// A canonical Huffman code: how many codes each length has, and the symbols in the order of their codes.
    private struct Codes {
        var counts = [Int](repeating: 0, count: 16)
        let symbols: [Int]

        init(_ lengths: [UInt8]) {
            for length in lengths where length > 0 { counts[Int(length)] += 1 }
            symbols = lengths.indices.filter { lengths[$0] > 0 }.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        }
    }
}
