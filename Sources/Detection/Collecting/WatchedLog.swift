import Kernel
import LogFormats
import Sigma
import Store

/// A log source of the organisation's: a stream of records that are kept, read, and looked at by rules.
public struct WatchedLog: Record, Codable, Hashable {
    /// How its records come here.
    public enum Way: Codable, Hashable, Sendable {
        /// Sent by a program with a token.
        case https
        /// Syslog from these networks, over UDP or TCP. Addresses can be forged on UDP.
        case networks([String])
        /// Syslog over TLS from whoever has this certificate: the SHA-256 of it, in lower-case hexadecimal.
        case certificate(String)
        /// A file of the server's own machine, by its path.
        case file(String)
        /// The journal of the server's own machine.
        case journal
    }

    /// What is known of a source.
    public struct Settings: Codable, Hashable, Sendable {
        /// What people call it.
        public var name: String
        /// The form of its records.
        public var format: String
        /// How they come here.
        public var way: Way
        /// After how long without a record it counts as silent.
        public var silenceAfter: Period
        /// What kind of log it is, for formats that do not say: the rules for it are those that apply.
        public var product: String?
        /// As ``product``; the rules' category.
        public var category: String?
        /// As ``product``; the rules' service.
        public var service: String?
        /// Which field of the records is which field of the rules, for JSON by mapping: by the record's name for it.
        public var mapping: [String: String]

        /// Settings out of their parts.
        public init(
            name: String, format: LogFormat, way: Way, silenceAfter: Period = .hours(24), product: String? = nil,
            category: String? = nil, service: String? = nil, mapping: [String: String] = [:]
        ) {
            self.name = name
            self.format = format.rawValue
            self.way = way
            self.silenceAfter = silenceAfter
            self.product = product
            self.category = category
            self.service = service
            self.mapping = mapping
        }
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<WatchedLog>
    /// What is known of it.
    public let settings: Settings
    /// From when on it counts in the population.
    public let registeredAt: Instant
    /// From when on it no longer counts; `nil` while it does.
    public let removedAt: Instant?

    /// Where its rows lie.
    public static let table = RecordTable(
        "log_source", indexColumns: [.integer("registered_at"), .integer("removed_at").optional])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.integer(registeredAt.milliseconds), removedAt.map { .integer($0.milliseconds) } ?? .null]
    }

    /// The source as checks and verdicts see it.
    public var subject: Subject { Subject(kind: .logSource, id: id.retyped()) }

    /// The form of its records; what this version does not know is read as JSON.
    public var format: LogFormat { LogFormat(rawValue: settings.format) ?? .json }

    /// What kind of log it is, as far as its settings say.
    var statedKind: Sigma.LogSource? {
        guard settings.product != nil || settings.category != nil || settings.service != nil else { return nil }
        return Sigma.LogSource(
            product: settings.product, categories: [settings.category].compactMap { $0 },
            services: [settings.service].compactMap { $0 })
    }

    func removed(at moment: Instant) -> WatchedLog {
        WatchedLog(id: id, settings: settings, registeredAt: registeredAt, removedAt: moment)
    }
}

extension WatchedLog.Way {
    /// In words.
    public var words: String {
        switch self {
        case .https: "sent over HTTPS with a token"
        case .networks(let networks): "syslog from \(networks.joined(separator: ", "))"
        case .certificate(let fingerprint): "syslog over TLS with the certificate \(fingerprint.prefix(16))…"
        case .file(let path): "the file \(path)"
        case .journal: "the journal of the server"
        }
    }

    /// Whether only whoever runs the server may choose it: it says whose records the server takes from its own machine and
    /// networks, which all organisations share.
    public var isOperators: Bool {
        switch self {
        case .https: false
        case .networks, .certificate, .file, .journal: true
        }
    }
}
