/// What to do about a finding: one sentence, and where it is a response header, the lines that send it.
public struct Fix: Hashable, Sendable, Codable {
    /// The servers for which a fix has lines that can be copied.
    public enum Server: String, Sendable, Codable, CaseIterable {
        case nginx, apache, caddy, drupal, express

        /// As people call it.
        public var title: String {
            switch self {
            case .nginx: "nginx"
            case .apache: "Apache"
            case .caddy: "Caddy"
            case .drupal: "Drupal"
            case .express: "Express"
            }
        }
    }

    /// One sentence that tells what to change.
    public let advice: String
    /// Lines of configuration for each server that has any; keyed by ``Server/rawValue``, so that JSON shows an object.
    public let snippets: [String: String]

    /// A fix out of its parts.
    public init(_ advice: String, snippets: [Server: String] = [:]) {
        self.advice = advice
        self.snippets = Dictionary(uniqueKeysWithValues: snippets.map { ($0.rawValue, $1) })
    }

    /// The lines for one server.
    public func snippet(for server: Server) -> String? { snippets[server.rawValue] }
}
