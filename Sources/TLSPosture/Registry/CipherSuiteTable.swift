/// The registry as it was written down, read once.
enum CipherSuiteTable {
    static let names: [UInt16: String] = {
        var names: [UInt16: String] = [:]
        for line in [classic, elliptic, others].flatMap({ $0.split(separator: "\n") }) {
            guard let value = UInt16(line.prefix(4), radix: 16) else { continue }
            names[value] = String(line.dropFirst(5))
        }
        return names
    }()

    static let values: [String: UInt16] = Dictionary(names.map { ($1, $0) }) { first, _ in first }

    /// Every suite but the one that negotiates nothing, the strongest first: a client's honest order.
    static let all: [CipherSuite] = {
        let ranked = names.keys.filter { $0 != 0 }.map(CipherSuite.init).map { (rank: rank($0), suite: $0) }
        return ranked.sorted { ($0.rank, $0.suite.value) < ($1.rank, $1.suite.value) }.map(\.suite)
    }()

    private static func rank(_ suite: CipherSuite) -> Int {
        let kind =
            switch suite.cipherClass {
            case .aead: 0
            case .cbc: 2
            case .other, .des: 4
            case .rc4: 6
            case .export: 8
            case .null: 10
            }
        return kind + (suite.hasForwardSecrecy ? 0 : 1) + (suite.isAnonymous ? 20 : 0)
    }
}
