import Kernel

extension Subject.Kind {
    /// One of its kind, as sentences name it: `log source`.
    public var singular: String {
        switch self {
        case .logSource: "log source"
        default: rawValue
        }
    }

    /// Several of its kind: `people`, `log sources`.
    public var plural: String {
        switch self {
        case .person: "people"
        default: singular + "s"
        }
    }

    /// `1 host`, `3 hosts`.
    func counted(_ count: Int) -> String {
        "\(count) \(count == 1 ? singular : plural)"
    }

    /// `the one host`, `all 3 hosts`, `1 of 3 hosts`.
    func portion(_ count: Int, of whole: Int) -> String {
        if whole == 1, count == 1 { return "the one \(singular)" }
        if count == whole { return "all \(counted(whole))" }
        return "\(count) of \(counted(whole))"
    }

    /// How something of this kind comes to be counted.
    var arrival: String {
        switch self {
        case .endpoint, .host: "enrolled"
        default: "on record"
        }
    }
}

extension String {
    var startingUpperCase: String {
        prefix(1).uppercased() + dropFirst()
    }
}

extension Instant {
    /// `2026-03-01 at 12:00 UTC`, as sentences name a time.
    var inWords: String {
        let text = description.utf8
        return "\(Substring(text.prefix(10))) at \(Substring(text.dropFirst(11).prefix(5))) UTC"
    }
}
