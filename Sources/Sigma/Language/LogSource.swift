/// What kind of log a rule is for, or an event comes from.
///
/// A rule names what it needs; an event's source may belong to several categories (Sysmon's registry events are
/// `registry_event` and `registry_set`) and services (what sshd writes goes to the `auth` log). Source: Sigma rules specification 2.1.0, log source.
public struct LogSource: Hashable, Sendable, CustomStringConvertible {
    /// The product, such as `windows` or `linux`.
    public var product: String?
    /// The categories, such as `process_creation`; a rule names at most one.
    public var categories: [String]
    /// The services, such as `sshd`; a rule names at most one.
    public var services: [String]

    /// A log source out of the parts that are known.
    public init(product: String? = nil, categories: [String] = [], services: [String] = []) {
        self.product = product
        self.categories = categories
        self.services = services
    }

    /// Tells whether a rule for this source is for events of `event` too: each part that the rule names is there.
    public func selects(_ event: LogSource) -> Bool {
        if let product, product != event.product { return false }
        return categories.allSatisfy(event.categories.contains) && services.allSatisfy(event.services.contains)
    }

    /// `product=…,category=…,service=…` with the parts that are known, as the command line takes it.
    public var description: String {
        var parts: [String] = []
        if let product { parts.append("product=\(product)") }
        parts += categories.map { "category=\($0)" }
        parts += services.map { "service=\($0)" }
        return parts.isEmpty ? "any" : parts.joined(separator: ",")
    }
}
