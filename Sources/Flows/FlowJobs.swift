import Store

extension Job {
    /// Finds the organisation that an address names.
    static let addresses = Job("addresses", in: .installation)
    /// Runs the checks, and keeps what they find.
    public static let checks = Job(
        "checks", in: .everywhere, may: ["host.reported", "installation.checked", "people.checked"])
    /// Scans the sites, and keeps what is found.
    public static let scans = Job("scans", in: .everywhere, may: ["site.scanned"])
    /// Hands the history to outsiders.
    static let outsiders = Job("outsiders", in: .everywhere)
}
