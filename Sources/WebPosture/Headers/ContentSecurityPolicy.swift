import Foundation

/// The policies of one response read together, as Mozilla's Observatory reads them: what all of them allow.
///
/// That is stricter than browsers, which take the first of two equal directives and judge each policy by itself; it is how
/// the Observatory's results come about, and so it is kept.
public struct ContentSecurityPolicy: Hashable, Sendable {
    /// Why policies cannot be read.
    public struct Fault: Error, Hashable {
        /// A sentence without a full stop.
        public let reason: String
    }

    /// One directive with what it allows.
    public struct Directive: Hashable, Sendable {
        /// Its name in lower case.
        public let name: String
        /// The sources in lower case, each once; never empty, since a list without sources allows none.
        public internal(set) var sources: [String]
    }

    /// The directives in the order in which they first stand.
    public internal(set) var directives: [Directive]
    /// Those of `report-uri` and `report-to` that stand twice in one policy.
    public let repeated: [String]

    /// The shortest policy that is taken for one.
    private static let shortest = 6
    private static let notInMeta: Set = ["frame-ancestors", "report-uri", "sandbox"]

    /// The most directives of all policies together, repeated ones included.
    public static let directiveLimit = 1000
    /// The most sources of all policies together.
    public static let sourceLimit = 10_000

    /// Reads policies; each is what stands between commas of a header, or a meta element's content.
    ///
    /// - Throws: ``Fault`` for a policy that is too short to be one, a directive that stands twice in one policy, a path whose
    ///   percent escapes are broken, and more than ``directiveLimit`` directives or ``sourceLimit`` sources.
    public init(_ policies: [String]) throws(Fault) {
        let policies = policies.map { policy in
            String(String.UnicodeScalarView(policy.unicodeScalars.filter { $0 != "\r" && $0 != "\n" }))
                .trimmedAsJavaScript
        }
        for policy in policies where policy.utf16.count < Self.shortest {
            throw Fault(reason: "Invalid policy: \(policy)")
        }
        var reading = Reading(isOnly: policies.count == 1)
        for (index, policy) in policies.enumerated() { try reading.take(policy, number: index) }
        directives = reading.order.map { name in
            let sources = reading.sources[name, default: []].map(\.text)
            return Directive(name: name, sources: sources.isEmpty ? ["'none'"] : sources.uniqued)
        }
        repeated = reading.repeated
    }

    /// No policy at all.
    init() {
        directives = []
        repeated = []
    }

    /// The policies of headers or of meta elements, which are lists with commas (RFC 9110 §5.3, CSP Level 3 §2.2).
    static func split(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmedAsJavaScript) }
    }

    /// How many entries there are; repeated reporting directives count as one more, as in the original.
    var entryCount: Int { directives.count + (repeated.isEmpty ? 0 : 1) }

    /// What remains of it in a meta element, where some directives mean nothing (HTML §4.2.5.3).
    var asMeta: ContentSecurityPolicy {
        var copy = self
        copy.directives.removeAll { Self.notInMeta.contains($0.name) }
        return copy
    }

    /// The sources of a directive; `nil` if it does not stand there.
    public subscript(name: String) -> [String]? { directives.first { $0.name == name }?.sources }
}

/// The state while policies are taken in one after the other.
private struct Reading {
    struct Source {
        let text: String
        let policy: Int
        var isKept: Bool
    }

    /// That there is a single policy, so that nothing must stand in a second one.
    let isOnly: Bool
    var order: [String] = []
    var sources: [String: [Source]] = [:]
    var repeated: [String] = []
    private var sourceCount = 0
    private var entryCount = 0

    init(isOnly: Bool) { self.isOnly = isOnly }

    mutating func take(_ policy: String, number: Int) throws(ContentSecurityPolicy.Fault) {
        var seen: Set<String> = []
        for entry in policy.split(separator: ";", omittingEmptySubsequences: false) {
            let words = entry.wordsAsJavaScript
            let name = words[0].lowercased()
            guard !name.isEmpty else { continue }
            entryCount += 1
            if !seen.insert(name).inserted {
                guard ["report-uri", "report-to"].contains(name) else {
                    throw ContentSecurityPolicy.Fault(reason: "Duplicate directive \(name) in policy \(number)")
                }
                if !repeated.contains(name) { repeated.append(name) }
            }
            var texts = words.dropFirst().map { $0.lowercased() }
            if texts.isEmpty, name.hasSuffix("-src") { texts = ["'none'"] }
            sourceCount += texts.count
            guard entryCount <= ContentSecurityPolicy.directiveLimit, sourceCount <= ContentSecurityPolicy.sourceLimit
            else { throw ContentSecurityPolicy.Fault(reason: "The policies are too long") }
            try combine(name, with: texts.map { Source(text: $0, policy: number, isKept: number == 0) }, number: number)
        }
    }

    /// Keeps what the policies so far and this one allow: a source must stand in each, or below a path that does.
    private mutating func combine(
        _ name: String, with new: [Source], number: Int
    ) throws(ContentSecurityPolicy.Fault) {
        let all = (number == 0 ? [] : sources[name, default: []]) + new
        // Equal sources keep their order, as a stable sort has it.
        var sorted = all.enumerated().sorted { left, right in
            if CollationOrder.precedes(left.element.text, right.element.text) { return true }
            if CollationOrder.precedes(right.element.text, left.element.text) { return false }
            return left.offset < right.offset
        }.map(\.element)
        for index in sorted.indices.dropFirst() {
            let (before, source) = (sorted[index - 1], sorted[index])
            if source.policy == before.policy, source.text.utf8.starts(with: before.text.utf8) {
                sorted[index].isKept = false
            }
            if source.policy != before.policy, try Self.path(before.text, covers: source.text) {
                sorted[index].isKept = true
            }
        }
        if sources[name] == nil { order.append(name) }
        sources[name] = sorted.filter(\.isKept).map {
            Source(text: $0.text, policy: $0.policy, isKept: number == 0 && !isOnly ? false : $0.isKept)
        }
    }

    /// Tells whether the second source is the first or lies below it, by the pieces between slashes.
    private static func path(
        _ upper: String, covers lower: String
    ) throws(ContentSecurityPolicy.Fault) -> Bool {
        if upper.isEmpty { return true }
        if upper == "/", lower.isEmpty { return true }
        let isExact = !upper.hasSuffix("/")
        var upperPieces = upper.split(separator: "/", omittingEmptySubsequences: false)
        let lowerPieces = lower.split(separator: "/", omittingEmptySubsequences: false)
        guard upperPieces.count <= lowerPieces.count, !isExact || upperPieces.count == lowerPieces.count else {
            return false
        }
        if !isExact { upperPieces.removeLast() }
        for (one, other) in zip(upperPieces, lowerPieces) {
            guard let one = one.removingPercentEncoding, let other = other.removingPercentEncoding else {
                throw ContentSecurityPolicy.Fault(reason: "URI malformed")
            }
            if !one.utf8.elementsEqual(other.utf8) { return false }
        }
        return true
    }
}
