/// The one letter that a scan ends in, from A+ to F; below F stand servers whose name or trust does not hold, for which
/// nothing else matters.
public enum ScanGrade: String, Sendable, Codable, CaseIterable {
    case aPlus = "A+"
    case a = "A"
    case aMinus = "A-"
    case bPlus = "B+"
    case b = "B"
    case bMinus = "B-"
    case cPlus = "C+"
    case c = "C"
    case cMinus = "C-"
    case dPlus = "D+"
    case d = "D"
    case dMinus = "D-"
    case f = "F"
    /// The certificate is for another name.
    case mismatch = "M"
    /// The certificate is not trusted.
    case untrusted = "T"
}

extension ScanGrade: Comparable {
    /// The worse grade is the lesser one, so that "at least A" reads as it is written.
    public static func < (left: ScanGrade, right: ScanGrade) -> Bool { left.rank < right.rank }

    private var rank: Int { -(Self.allCases.firstIndex(of: self) ?? Self.allCases.count) }
}

extension ScanGrade: CustomStringConvertible, LosslessStringConvertible {
    /// As people write it: `A+`, `B-`, `F`.
    public var description: String { rawValue }

    /// Reads what ``description`` writes, in either case.
    public init?(_ text: String) { self.init(rawValue: text.uppercased()) }
}
