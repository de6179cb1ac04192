import Agent
import Flows
import Foundation
import Identity
import Kernel
import Posture
import Store

/// One result as `vouchsafe check run` shows it.
public struct CheckFinding: Encodable, Sendable {
    /// The check's stable name.
    public let check: String
    /// What was looked at: the host's name, `installation`, `installation/SLUG` for one organisation of it, or
    /// `SLUG/NAME` for a person.
    public let subject: String
    /// What was found.
    public let result: CheckResult
    /// What was seen, in a few words.
    public let value: String
    /// What was read to find out.
    public let evidence: [Evidence]
    /// What a person can do to make it pass; `nil` if it passes or does not apply.
    public let fix: String?

    private enum CodingKeys: String, CodingKey { case check, subject, result, value, evidence, fix }

    /// Writes every member, so that scripts find a null rather than nothing.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(check, forKey: .check)
        try container.encode(subject, forKey: .subject)
        try container.encode(result, forKey: .result)
        try container.encode(value, forKey: .value)
        try container.encode(evidence, forKey: .evidence)
        try container.encode(fix, forKey: .fix)
    }

    init(_ check: CheckID, subject: String, _ measurement: Kernel.Measurement) {
        self.check = check.rawValue
        self.subject = subject
        result = measurement.result
        value = measurement.value
        evidence = measurement.evidence
        fix = measurement.fix
    }
}

/// Runs checks without a server and stores nothing.
public enum ChecksAtOnce {
    /// - Parameters:
    ///   - root: A captured file tree; `nil` for this machine.
    ///   - site: The installation that the self checks are about.
    public static func run(_ checks: [Check], root: String?, site: InstallationSite?) async throws -> [CheckFinding] {
        if let root {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder), isFolder.boolValue else {
                throw Problem(
                    .unavailable, code: "check.root", "There is no file tree here.",
                    hint: "Give --root a folder that holds etc, proc and so on.", place: Problem.Place(file: root))
            }
        }
        let wanted = Set(checks.map(\.id))
        let reader = HostReader.live(root: root ?? "/")
        let name = hostName(reader, root: root)
        var found = PostureCatalogue.run(wanted, on: reader).map { CheckFinding($0, subject: name, $1) }
        let own = (SelfChecks.checks + PeopleChecks.ofPeople).filter { wanted.contains($0.id) }
        guard !own.isEmpty else { return found }
        guard let site, root == nil else {
            return found
                + own.map {
                    CheckFinding(
                        $0.id, subject: "installation",
                        Kernel.Measurement(
                            .unknown, value: "no installation was named", fix: "Name one with --data DIR."))
                }
        }
        let installation = try await Installation.open(site)
        let collectors = Collectors(installation: installation, probe: nil)
        for tenant in try await installation.rooms.identity.tenants(as: .operator) {
            for check in own where check.population == .person {
                let people = try await installation.rooms.peopleNow(check.id, in: tenant.id, as: .operator)
                found += people.map { CheckFinding(check.id, subject: "\(tenant.slug)/\($0.name)", $0.measurement) }
            }
            for check in own where check.population == .installation {
                found.append(
                    CheckFinding(
                        check.id, subject: "installation/\(tenant.slug)",
                        await collectors.selfChecks(check.id, tenant.id)))
            }
        }
        try await installation.close()
        return found
    }

    private static func hostName(_ reader: HostReader, root: String?) -> String {
        guard root != nil else { return ProcessInfo.processInfo.hostName }
        guard case .contents(let bytes) = reader.read("/etc/hostname", 1024) else { return root ?? "host" }
        let name = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return name.isEmpty ? root ?? "host" : name
    }
}
