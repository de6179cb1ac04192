import App
import ArgumentParser
import Foundation
import Kernel
import Probes
import WebPosture

/// How a scan asks web servers: the same for the posture of one page and for the pages of a site.
struct ScanRequestOptions: ParsableArguments {
    @Option(
        name: .customLong("header"),
        help: ArgumentHelp(
            "A field to send with each request to the site, such as \"Authorization: Bearer …\"; may be repeated.",
            valueName: "name: value"))
    var headerLines: [String] = []

    @Option(
        name: .customLong("cookie"),
        help: ArgumentHelp(
            "A cookie to send to the site, for pages behind a sign-in; may be repeated.", valueName: "name=value"))
    var cookies: [String] = []

    @Option(
        name: .customLong("ca"),
        help: ArgumentHelp("Certificates in PEM to trust besides the system's.", valueName: "file"))
    var authorities: String?

    @Flag(
        name: .customLong("internal"),
        help: "Visit private addresses too; a private address or localhost as target means it.")
    var isInternal = false

    @Option(help: ArgumentHelp("The longest that one request may take, such as 10s.", valueName: "period"))
    var timeout: TimeLimit = TimeLimit(period: .seconds(10))

    @Option(
        help: ArgumentHelp(
            "A folder with a newer hsts-preload.txt (see scripts/update-lists).",
            valueName: "folder"))
    var lists: String?

    /// What this program calls itself where it scans.
    static let userAgent = SiteScanning.userAgent(Vouchsafe.version)

    /// The fields and cookies as the person wrote them.
    ///
    /// - Throws: `ValidationError` for a field without a colon.
    func headers() throws -> HeaderFields {
        var fields = HeaderFields(try Self.fields(headerLines))
        if !cookies.isEmpty { fields.add("Cookie", cookies.joined(separator: "; ")) }
        return fields
    }

    /// Names and values out of lines.
    ///
    /// - Throws: `ValidationError` for a line without a colon.
    static func fields(_ lines: [String]) throws -> [(name: String, value: String)] {
        try lines.map { line in
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw ValidationError("--header must be \"Name: value\".")
            }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            let name = String(line[..<colon])
            guard name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), value.utf8.allSatisfy({ $0 >= 32 || $0 == 9 }) else {
                throw ValidationError("--header must be one line: a name in plain letters, a colon and the value.")
            }
            return (name, value)
        }
    }

    /// A probe that trusts what it is told to.
    func probe() throws -> HTTPProbe {
        let anchors = try authorities.map { file in
            String(decoding: try Input.bytes(of: file, limit: 1 << 20), as: UTF8.self)
        }
        let trust: ServerTrust
        do {
            trust = try anchors.map { try ServerTrust(anchors: $0) } ?? .system
        } catch let problem as Problem {
            throw problem.located(in: authorities ?? "")
        }
        return try HTTPProbe(userAgent: Self.userAgent, trust: trust)
    }

    /// The hosts that browsers visit over HTTPS only: of the folder that was named, or compiled in.
    func preloadedHosts() throws -> PreloadedHosts {
        guard let lists else { return .embedded }
        return PreloadedHosts(list: try Input.bytes(of: "\(lists)/hsts-preload.txt", limit: 64 << 20))
    }

    /// Where the scan may go.
    func reach(implied: Reach) -> Reach { isInternal ? .internalAddresses : implied }

    /// The most time of one request.
    var time: Duration { timeout.duration }
}
