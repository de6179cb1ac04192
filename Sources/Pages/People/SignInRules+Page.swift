import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// What signing in demands, with the form that decides it (field `demand`).
    ///
    /// - Parameters:
    ///   - mayChange: Whether the reader may decide it.
    ///   - outOfReach: The demands that the reader does not meet themselves, by the way they signed in.
    public func signInRules(
        _ rules: SignInRules, mayChange: Bool, outOfReach: Set<String>, form: FilledForm = FilledForm(),
        in frame: PageFrame
    ) -> String {
        render(SignInRulesPage(rules: rules, mayChange: mayChange, outOfReach: outOfReach, form: form), in: frame)
    }
}

struct SignInRulesPage: Page {
    static let template = "sign-in-rules"
    let title = "Signing in"
    let place: Place? = .people
    let rules: SignInRules
    let mayChange: Bool
    let outOfReach: Set<String>
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "peoplePlaces": PeoplePlace.signIn.neighbours
        case "headline": headline
        case "shares":
            [
                FactorShare(
                    heading: "A second factor", anchor: "second-factor", missing: "no second factor",
                    people: rules.people, lacking: rules.withoutSecondFactor),
                FactorShare(
                    heading: "A passkey, which withstands phishing", anchor: "passkey", missing: "no passkey",
                    people: rules.people, lacking: rules.withoutPhishingResistant),
            ]
        case "mayChange": mayChange
        case "warning": warning ?? false
        case "formProblem": form.problem ?? false
        case "demandChoice":
            Choice(
                name: "demand", label: "Whoever signs in must show",
                help: "It holds from everyone’s next click on, in sessions that are open too.",
                options: Self.demands, standard: rules.demand, form: form)
        default: nil
        }
    }

    private static let demands = [
        (value: "none", title: "What they have: a password is enough"),
        (value: "second-factor", title: "A second factor: a passkey or an authenticator app"),
        (value: "phishing-resistant", title: "A passkey"),
    ]

    private var headline: String {
        switch rules.demand {
        case "second-factor": "Everyone must sign in with a second factor."
        case "phishing-resistant": "Everyone must sign in with a passkey."
        default: "A password is enough to sign in."
        }
    }

    /// Told before they try: what one does not meet oneself is refused.
    private var warning: String? {
        if outOfReach.contains("second-factor") {
            return "You signed in with a password alone. To demand more of everyone, add a passkey or an app to your "
                + "own account first, and sign in with it: otherwise you would shut yourself out."
        }
        guard outOfReach.contains("phishing-resistant") else { return nil }
        return
            "You signed in without a passkey. To demand one of everyone, add one to your own account first, and sign "
            + "in with it: otherwise you would shut yourself out."
    }
}

/// How many people have something, and who has not.
private struct FactorShare: MustacheParent {
    let heading: String
    let anchor: String
    let missing: String
    let people: Int
    let lacking: [SignInRules.Lacking]

    func child(named name: String) -> Any? {
        switch name {
        case "heading": heading
        case "anchor": anchor
        case "sentence": sentence
        case "lacking": lacking.map(LackingPerson.init)
        case "hasLacking": !lacking.isEmpty
        default: nil
        }
    }

    private var sentence: String {
        if people == 0 { return "Nobody belongs to the organisation yet." }
        if lacking.isEmpty { return "Everyone has one: \(count(people, "person", "people"))." }
        return
            "\(grouped(lacking.count)) of \(count(people, "person", "people")) \(lacking.count == 1 ? "has" : "have") "
            + "\(missing). If it is demanded, they reach nothing but their account page until they have added one and "
            + "signed in with it:"
    }
}

private struct LackingPerson: MustacheParent {
    let entry: SignInRules.Lacking

    func child(named name: String) -> Any? {
        switch name {
        case "personName": entry.name
        case "personAddress": "/people/\(entry.id.asPathSegment)"
        default: nil
        }
    }
}
