import Foundation
import Testing

/// What the tests feed the program with.
enum Samples {
    static let text = "# Desk rules\n\nEvery disk of ours is encrypted. Nobody comes in as a guest.\n"

    /// A pack for `text`; the policy may stop promising the second thing.
    static func pack(version: String = "1", withGuests: Bool = true, summary: String = "Disks are encrypted.") -> String
    {
        """
        format: vouchsafe/pack@v1
        policy:
          id: desk-rules
          title: Desk rules
          issuer: The desk
          version: "\(version)"
          text: { sha256: \(hash), bytes: \(text.utf8.count) }
        spans:
          - { at: [0, 12], class: context, note: heading }
          - { at: [14, 46], class: commitment, commitments: [disks] }
          - { at: [47, 74], class: \(withGuests ? "commitment, commitments: [guests]" : "context, note: a wish") }
        commitments:
          - id: disks
            section: Desk rules
            summary: "\(summary)"
            owner: it
            checks:
              - { check: endpoint.disk-encryption, population: host, threshold: all, freshness: 26h }

        """
            + (withGuests
                ? """
                  - id: guests
                    section: Desk rules
                    summary: "No guests."
                    owner: it
                    checks:
                      - { check: endpoint.guest-access, population: host, threshold: all, freshness: 26h }

                """ : "")
    }

    /// The SHA-256 of `text`, computed once with sha256sum.
    private static let hash = "b8121162d053d27d02b69e135f18a294c93c6669d18d4e2feda8e4741b99fe65"

    /// The packs that the project ships, with the example's text.
    static let metadrop = "\(Program.package)/packs/metadrop.yaml"
    static let metrix = "\(Program.package)/packs/metrix.yaml"
    static let example = "\(Program.package)/examples/policy.yaml"
    static let exampleText = "\(Program.package)/examples/policy.md"

    /// How many commitments a shipped pack lists, counted in its text.
    static func commitments(in pack: String) throws -> Int {
        let lines = try String(contentsOfFile: pack, encoding: .utf8).split(separator: "\n")
        return lines.drop { $0 != "commitments:" }.count { $0.hasPrefix("  - id: ") || $0.hasPrefix("  - { id: ") }
    }

    /// An installation in `folder` with the sample policy.
    static func install(in folder: Folder, organisation: String = "Desk", _ more: String...) throws {
        try install(in: folder, organisation: organisation, options: more)
    }

    static func install(in folder: Folder, organisation: String = "Desk", options more: [String]) throws {
        try folder.write(text, to: "rules.md")
        try folder.write(pack(), to: "rules.yaml")
        let made = try Program.run(
            ["init", "--data", folder["data"], "--organisation", organisation, "--pack", folder["rules.yaml"]] + more)
        try #require(made.status == 0, "\(made.messages)")
    }
}
