/// A framework whose requirements a commitment can serve. We carry its numbers, never its text.
public enum Framework: String, Hashable, Sendable, Codable, CaseIterable {
    case iso27001v2013 = "iso27001-2013"
    case iso27001v2022 = "iso27001-2022"
    case gdpr

    /// The framework's name for people.
    public var title: String {
        switch self {
        case .iso27001v2013: "ISO/IEC 27001:2013"
        case .iso27001v2022: "ISO/IEC 27001:2022"
        case .gdpr: "GDPR"
        }
    }

    /// Why `reference` names no requirement of this framework.
    ///
    /// - Returns: `nil` if it names one.
    public func objection(to reference: String) -> String? {
        switch self {
        case .iso27001v2013:
            guard let parts = AnnexA.parts(of: reference, count: 3) else {
                return "“\(reference)” is not a number of Annex A of 2013, such as A.10.1.1"
            }
            guard AnnexA.exists2013(parts[0], parts[1], parts[2]) else {
                return "Annex A of ISO/IEC 27001:2013 has no \(reference)"
            }
        case .iso27001v2022:
            guard let parts = AnnexA.parts(of: reference, count: 2) else {
                return "“\(reference)” is not a number of Annex A of 2022, such as A.8.24"
            }
            guard AnnexA.exists2022(parts[0], parts[1]) else {
                return "Annex A of ISO/IEC 27001:2022 has no \(reference)"
            }
        case .gdpr:
            if !isGDPRArticle(reference) { return "“\(reference)” is not an article of the GDPR, such as 32(1)(a)" }
        }
        return nil
    }

    /// `32`, `32(1)`, `32(1)(a)`, `4(7)`; articles 1…99.
    private func isGDPRArticle(_ reference: String) -> Bool {
        let bytes = Array(reference.utf8)
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard (1...2).contains(digits.count), digits.first != 0x30 else { return false }
        var rest = bytes.dropFirst(digits.count)
        var groups: [[UInt8]] = []
        while !rest.isEmpty {
            guard rest.first == UInt8(ascii: "("), let close = rest.firstIndex(of: UInt8(ascii: ")")) else {
                return false
            }
            groups.append(Array(rest[rest.startIndex + 1..<close]))
            rest = rest[(close + 1)...]
        }
        guard groups.count <= 2 else { return false }
        return groups.enumerated().allSatisfy { position, group in
            let isNumber =
                (1...2).contains(group.count) && group[0] != 0x30 && group.allSatisfy { (0x30...0x39).contains($0) }
            let isLetter = group.count == 1 && (0x61...0x7A).contains(group[0])
            return position == 0 && groups.count == 2 ? isNumber : isNumber && position == 0 || isLetter
        }
    }
}

/// The numbering of Annex A of ISO/IEC 27001 in both editions.
enum AnnexA {
    /// How many controls each group of 2013 has: 114 in all.
    static let groups2013: [Int: [Int]] = [
        5: [2], 6: [5, 2], 7: [2, 3, 1], 8: [4, 3, 3], 9: [2, 6, 1, 5], 10: [2], 11: [6, 9], 12: [4, 1, 1, 4, 1, 2, 1],
        13: [3, 4], 14: [3, 9, 1], 15: [3, 2], 16: [7], 17: [3, 1], 18: [5, 3],
    ]
    /// How many controls each theme of 2022 has: 93 in all.
    static let themes2022: [Int: Int] = [5: 37, 6: 8, 7: 14, 8: 34]

    static func exists2013(_ clause: Int, _ group: Int, _ control: Int) -> Bool {
        guard let groups = groups2013[clause], (1...groups.count).contains(group) else { return false }
        return (1...groups[group - 1]).contains(control)
    }

    static func exists2022(_ theme: Int, _ control: Int) -> Bool {
        guard let count = themes2022[theme] else { return false }
        return (1...count).contains(control)
    }

    /// The numbers after `A.`, each of one or two digits and without a leading zero.
    static func parts(of reference: String, count: Int) -> [Int]? {
        guard reference.hasPrefix("A.") else { return nil }
        let parts = reference.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == count else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard (1...2).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.first != "0", let number = Int(part)
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}
