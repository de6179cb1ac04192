/// Which part of a host's name somebody registered: the Public Suffix List and its rules (publicsuffix.org/list).
public struct PublicSuffixes: Sendable {
    private enum Rule { case plain, wildcard, exception }

    private let rules: [Substring: Rule]

    /// The list that is compiled in; its second line tells its date.
    public static let embedded = PublicSuffixes(.publicSuffixes, isWhole: false)
    /// The same with the suffixes that companies registered for what they host, such as `github.io`.
    public static let embeddedWithPrivate = PublicSuffixes(.publicSuffixes, isWhole: true)

    /// A list in its own format.
    ///
    /// - Parameter includesPrivate: Whether the suffixes that companies registered count too.
    public init(list bytes: [UInt8], includesPrivate: Bool = true) {
        self.init(ListBytes(bytes), isWhole: includesPrivate)
    }

    private init(_ list: ListBytes, isWhole: Bool) {
        let text = list.withBytes { String(decoding: $0, as: UTF8.self) }
        var rules: [Substring: Rule] = [:]
        for line in text.split(separator: "\n") {
            if line.hasPrefix("// ===BEGIN PRIVATE"), !isWhole { break }
            guard !line.hasPrefix("//"), let rule = line.split(whereSeparator: \.isWhitespace).first else { continue }
            if rule.hasPrefix("*.") {
                rules[rule.dropFirst(2)] = .wildcard
            } else if rule.hasPrefix("!") {
                rules[rule.dropFirst()] = .exception
            } else if rules[rule] == nil {
                // A name that stands there both alone and below a star is a suffix in any case.
                rules[rule] = .plain
            }
        }
        self.rules = rules
    }

    /// The registered domain that `host` belongs to: the public suffix and one name before it.
    ///
    /// - Parameter host: In lower case; names beyond ASCII as Unicode or Punycode, as the list has them.
    /// - Returns: `nil` for a public suffix itself, an address of digits and a single name.
    public func registeredDomain(of host: String) -> String? {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, !labels.contains(where: \.isEmpty), !host.hasPrefix("["),
            labels.last?.utf8.allSatisfy({ (0x30...0x39).contains($0) }) == false
        else { return nil }
        let count = suffixLength(of: labels) + 1
        return count > labels.count ? nil : labels.suffix(count).joined(separator: ".")
    }

    /// How many labels the public suffix has: that of the longest rule, one where none is known.
    private func suffixLength(of labels: [Substring]) -> Int {
        for count in stride(from: labels.count, to: 0, by: -1) {
            let name = labels.suffix(count).joined(separator: ".")[...]
            switch rules[name] {
            case .exception: return count - 1
            case .wildcard: return min(count + 1, labels.count)
            case .plain: return count
            case nil: continue
            }
        }
        return 1
    }
}
