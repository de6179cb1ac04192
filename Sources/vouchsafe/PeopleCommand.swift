import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store
import Wire

/// Who has access.
struct PeopleCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "people", "See who has access; invite people, change roles, end and review access, demand second factors.",
        listing: [
            PeopleList.self, PeopleInvite.self, PeopleRole.self, PeopleLeave.self, PeopleReview.self,
            PeopleSignIn.self, PeopleRecover.self,
        ])
}

extension Rooms {
    /// The identifier of the person whom somebody names by e-mail address or identifier, who belongs to the organisation.
    func memberNamed(_ name: String, for caller: Caller) async throws -> String {
        let person = try await identity.person(name, as: caller.principal).description
        return try await self.person(person, of: caller.tenant.id, as: caller.principal).id
    }

    /// The role that somebody names by its title or its stable name.
    func roleNamed(_ name: String, for caller: Caller) async throws -> String {
        let roles = try await identity.roles(of: caller.tenant.id, as: caller.principal)
        let wanted = name.lowercased()
        return roles.first { $0.name == wanted || $0.title.lowercased() == wanted }?.name ?? name
    }
}

/// Lists who has access, and the invitations that still work.
struct PeopleList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readPeople
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List who has access, in which role, since when and by whom.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let (people, invitations) = try await asOperator(options) { rooms, caller in
            (
                try await rooms.peopleList(of: caller.tenant.id, as: caller.principal),
                try await rooms.invitationList(of: caller.tenant.id, as: caller.principal)
            )
        }
        switch format {
        case .json: try Output.json(PeopleAndInvitations(people: people, invitations: invitations))
        case .text:
            if people.isEmpty { Output.line("Nobody has access yet.") } else { Self.printTable(people) }
            for person in people {
                if let recovery = person.recovery {
                    Output.line(
                        "Recovery of \(person.name) until \(recovery.expiresAt), started by \(recovery.startedBy): "
                            + recovery.reason
                            + (recovery.awaitsConfirmation ? " (a second person must confirm it)" : ""))
                } else if person.isRecoveredElsewhere {
                    Output.line("\(person.name) was recovered elsewhere; let them in again with `people recover`.")
                }
            }
            for invitation in invitations {
                Output.line(
                    "Invited until \(invitation.expiresAt): \(invitation.email ?? "the first owner") as \(invitation.roleTitle)"
                )
            }
        }
    }

    private static func printTable(_ people: [PersonEntry]) {
        var table = TextTable("NAME", "E-MAIL", "ROLE", "SECOND FACTORS", "SINCE", "BY", "LAST HERE")
        for person in people {
            table.add(
                person.name, person.email, person.roleTitle,
                person.secondFactors.isEmpty ? "-" : person.secondFactors.joined(separator: ", "),
                String(person.grantedAt.description.prefix(10)),
                person.grantedBy, person.lastUsedAt.map { String($0.description.prefix(16)) } ?? "-")
        }
        for line in table.lines { Output.line(line) }
    }
}

private struct PeopleAndInvitations: Encodable {
    let people: [PersonEntry]
    let invitations: [InvitationEntry]
}

/// Invites somebody.
struct PeopleInvite: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changePeople
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Invite somebody by a link, told once, that works for seven days.",
        discussion: "Nothing is sent: hand the link over by a way that you trust. Whoever has it may join.")

    @Argument(help: "The e-mail address that the invitation is meant for.")
    var email: String

    @Option(help: "owner, admin, security, member, auditor, or a role of your own.")
    var role = "member"

    @Option(help: ArgumentHelp("Where people reach the server.", valueName: "url"))
    var address = "https://localhost:8443"

    @OptionGroup var options: DataOptions

    func run() async throws {
        let made = try await asOperator(options) { rooms, caller in
            try await rooms.invite(email, as: try await rooms.roleNamed(role, for: caller), by: caller)
        }
        let base = address.hasSuffix("/") ? String(address.dropLast()) : address
        Output.line("Hand over this link, once, until \(made.invitation.expiresAt): \(base)\(made.path)")
    }
}

/// Gives somebody another role.
struct PeopleRole: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changePeople
    static let configuration = CommandConfiguration(commandName: "role", abstract: "Give somebody another role.")

    @Argument(help: "The person: their e-mail address or identifier.")
    var person: String

    @Argument(help: "owner, admin, security, member, auditor, or a role of your own.")
    var role: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let changed = try await asOperator(options) { rooms, caller in
            let person = try await rooms.memberNamed(person, for: caller)
            try await rooms.give(try await rooms.roleNamed(role, for: caller), to: person, by: caller)
            return try await rooms.person(person, of: caller.tenant.id, as: caller.principal)
        }
        Output.line("\(changed.name) is \(changed.roleTitle) from now on.")
    }
}

/// Ends somebody's access.
struct PeopleLeave: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changePeople
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "End somebody's access at once, and list what remains to be taken back.",
        discussion: """
            Without a name it lists the departures from which something is still to be taken back. With the identifier of a \
            departure and --done it ticks one off.
            """)

    @Argument(help: "The person, by e-mail address or identifier; with --done the departure.")
    var person: String?

    @Option(help: ArgumentHelp("Something to be taken back from them; repeat it for several.", valueName: "text"))
    var remains: [String] = []

    @Option(help: ArgumentHelp("The number of what was taken back.", valueName: "number"))
    var done: Int?

    @OptionGroup var options: DataOptions

    func validate() throws {
        guard person != nil || (remains.isEmpty && done == nil) else {
            throw ValidationError("Name the person, or with --done the departure.")
        }
        guard done == nil || remains.isEmpty else { throw ValidationError("Give --remains or --done, not both.") }
    }

    func run() async throws {
        try await asOperator(options) { rooms, caller in
            guard let person else {
                let all = try await rooms.departureList(of: caller.tenant.id, as: caller.principal)
                let open = all.filter { $0.openCount > 0 }
                if open.isEmpty { Output.line("Nothing remains with those who left.") }
                for departure in open { Self.show(departure) }
                return
            }
            if let done {
                return Self.show(try await rooms.tickOff(done, ofDeparture: person, by: caller))
            }
            let departure = try await rooms.leave(
                try await rooms.memberNamed(person, for: caller), remaining: remains, by: caller)
            Output.line("\(departure.name) has no access any more.")
            Self.show(departure)
        }
    }

    private static func show(_ departure: DepartureEntry) {
        Output.line("\(departure.id)  \(departure.name), \(departure.role) until \(departure.endedAt)")
        for item in departure.items {
            let state = item.doneAt.map { "taken back \($0) by \(item.doneBy ?? "-")" } ?? "open"
            Output.line("  \(item.number). \(item.text): \(state)")
        }
    }
}

/// Reviews who has access.
struct PeopleReview: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.reviewAccess
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Review who has access, person by person.",
        discussion: """
            Without options it shows the review that is under way, or the newest. For example:
              vouchsafe people review --begin
              vouchsafe people review --keep ada@example.org --remove bob@example.org
              vouchsafe people review --complete
            """)

    @Flag(help: "Begin one now.")
    var begin = false

    @Option(help: ArgumentHelp("Who keeps their access; repeat it for several.", valueName: "person"))
    var keep: [String] = []

    @Option(help: ArgumentHelp("Whose access ends at once; repeat it for several.", valueName: "person"))
    var remove: [String] = []

    @Flag(help: "Complete it.")
    var complete = false

    @Option(help: ArgumentHelp("Have one at least every so many days, 30 to 366.", valueName: "days"))
    var every: Int?

    @OptionGroup var options: DataOptions

    func run() async throws {
        try await asOperator(options) { rooms, caller in
            if let every { try await rooms.identity.setReviewRhythm(days: every, by: caller) }
            if begin { _ = try await rooms.startReview(by: caller) }
            let list = try await rooms.reviewList(of: caller.tenant.id, as: caller.principal)
            guard let newest = list.reviews.first else {
                guard keep.isEmpty, remove.isEmpty, !complete else {
                    throw Problem(
                        .notFound, code: "review.not-found", "No access review is under way.",
                        hint: "Begin one with --begin.")
                }
                return Output.line("No access review yet; one is due every \(list.days) days. Begin one with --begin.")
            }
            var review = newest
            for (people, decision) in [(keep, "keep"), (remove, "remove")] {
                for person in people {
                    review = try await rooms.decide(
                        decision, on: try await rooms.memberNamed(person, for: caller), inReview: review.id, by: caller)
                }
            }
            if complete { review = try await rooms.completeReview(review.id, by: caller) }
            Self.show(review, every: list.days)
        }
    }

    private static func show(_ review: ReviewEntry, every days: Int) {
        let state = review.completedAt.map { "completed \($0)" } ?? "due \(review.dueAt)"
        Output.line("Access review of \(review.startedAt), \(state); one is due every \(days) days.")
        var table = TextTable("PERSON", "ROLE", "LAST HERE", "DECISION", "BY")
        for line in review.lines {
            table.add(
                line.name, line.role, line.lastUsedAt.map { String($0.description.prefix(16)) } ?? "-",
                line.decision ?? (line.isPresent ? "open" : "left"), line.decidedBy ?? "-")
        }
        for line in table.lines { Output.line(line) }
    }
}
