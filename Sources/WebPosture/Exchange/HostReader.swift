import Foundation

/// Reads the host of an address: a name, an IPv4 address in any of the spellings that browsers take, or an IPv6 address.
enum HostReader {
    /// The host in lower case ASCII; `nil` for what can be none.
    static func read(_ bytes: ArraySlice<UInt8>) -> String? {
        guard !bytes.isEmpty, bytes.count <= 1024 else { return nil }
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.last == UInt8(ascii: "]") else { return nil }
            return IPv6Text.read(String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)).map { "[\($0)]" }
        }
        guard let decoded = String(validating: unescaped(bytes), as: UTF8.self), let name = ascii(decoded) else {
            return nil
        }
        guard isNumeric(name) else {
            return name.utf8.count <= 254 && name != "." && !name.hasPrefix(".") && !name.contains("..") ? name : nil
        }
        return ipv4(name)
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.endIndex,
                let byte = UInt8(String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
            {
                result.append(byte)
                at += 3
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return result
    }

    /// The name in lower case and Punycode (UTS 46).
    private static func ascii(_ name: String) -> String? {
        let lower: String
        if name.utf8.allSatisfy({ $0 < 0x80 }) {
            lower = String(decoding: name.utf8.map(AddressReader.lowercased), as: UTF8.self)
        } else {
            guard let spelled = URL(string: "http://\(name)/")?.absoluteString, spelled.hasPrefix("http://"),
                spelled.hasSuffix("/")
            else { return nil }
            lower = spelled.dropFirst(7).dropLast().lowercased()
        }
        let isForbidden = { (byte: UInt8) in
            byte <= 0x20 || byte >= 0x7F || "#/:<>?@[\\]^|%".utf8.contains(byte)
        }
        return lower.isEmpty || lower.utf8.contains(where: isForbidden) ? nil : lower
    }

    /// Tells whether the last label is a number: then the whole is an IPv4 address, or nothing.
    private static func isNumeric(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let last = labels.last == "" ? labels.dropLast().last : labels.last
        guard let last, !last.isEmpty else { return false }
        return last.utf8.allSatisfy(AddressReader.isDigit) || (last.hasPrefix("0x") && number(last) != nil)
    }

    private static func ipv4(_ name: String) -> String? {
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)
        if labels.last == "" { labels.removeLast() }
        let numbers = labels.compactMap(number)
        guard numbers.count == labels.count, (1...4).contains(numbers.count), let last = numbers.last,
            numbers.dropLast().allSatisfy({ $0 < 256 }), last < UInt64(1) << (8 * (5 - numbers.count))
        else { return nil }
        var address = last
        for (index, number) in numbers.dropLast().enumerated() { address += number << (8 * (3 - index)) }
        return [24, 16, 8, 0].map { String(address >> $0 & 0xFF) }.joined(separator: ".")
    }

    /// Decimal, octal behind a zero, hexadecimal behind `0x`.
    private static func number(_ label: Substring) -> UInt64? {
        if label.hasPrefix("0x") {
            let digits = label.dropFirst(2)
            return digits.isEmpty ? 0 : UInt64(digits, radix: 16)
        }
        guard label.utf8.allSatisfy(AddressReader.isDigit), !label.isEmpty else { return nil }
        return label.hasPrefix("0") && label.utf8.count > 1 ? UInt64(label, radix: 8) : UInt64(label)
    }
}

/// IPv6 addresses as text.
private enum IPv6Text {
    /// The address in its shortest spelling (RFC 5952); `nil` for anything else, zone names among it.
    static func read(_ text: String) -> String? {
        var raw = in6_addr()
        guard inet_pton(AF_INET6, text, &raw) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &raw) { Array($0) }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let longest = zeroRuns(of: groups).max {
            $0.count < $1.count || ($0.count == $1.count && $0.lowerBound > $1.lowerBound)
        }
        let spelled = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        guard let longest, longest.count > 1 else { return spelled(0..<8) }
        return spelled(0..<longest.lowerBound) + "::" + spelled(longest.upperBound..<8)
    }

    private static func zeroRuns(of groups: [UInt16]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, group) in groups.enumerated() where group == 0 {
            if let last = runs.last, last.upperBound == index {
                runs[runs.count - 1] = last.lowerBound..<(index + 1)
            } else {
                runs.append(index..<(index + 1))
            }
        }
        return runs
    }
}
