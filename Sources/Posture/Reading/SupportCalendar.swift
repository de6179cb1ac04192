import Kernel

/// Until when the publishers of Linux distributions fix security holes: data, with sources.
///
/// Debian and Ubuntu: the table of the package distro-info-data 0.58 (columns eol and eol-lts; paid extensions are not counted).
/// Others: general knowledge as of November 2025, not yet compared with the release pages. Check and extend it with each release.
enum SupportCalendar {
    struct Entry {
        /// `ID` and the beginning of `VERSION_ID` in os-release(5).
        let system, version: String
        let codename: String
        /// The last day of regular and of long-term support, if that is another.
        let end: String
        let longTermEnd: String?
    }

    private static func entry(
        _ system: String, _ version: String, _ end: String, lts: String? = nil, _ codename: String = ""
    ) -> Entry {
        Entry(system: system, version: version, codename: codename, end: end, longTermEnd: lts)
    }

    static let entries: [Entry] = [
        entry("debian", "7", "2016-04-25", lts: "2018-05-31", "wheezy"),
        entry("debian", "8", "2018-06-17", lts: "2020-06-30", "jessie"),
        entry("debian", "9", "2020-07-18", lts: "2022-06-30", "stretch"),
        entry("debian", "10", "2022-09-10", lts: "2024-06-30", "buster"),
        entry("debian", "11", "2024-08-14", lts: "2026-08-31", "bullseye"),
        entry("debian", "12", "2026-07-11", lts: "2028-06-30", "bookworm"),
        entry("debian", "13", "2028-08-09", lts: "2030-06-30", "trixie"),
        entry("ubuntu", "14.04", "2019-04-25"), entry("ubuntu", "16.04", "2021-04-30"),
        entry("ubuntu", "18.04", "2023-05-31"),
        entry("ubuntu", "20.04", "2025-05-29"), entry("ubuntu", "20.10", "2021-07-22"),
        entry("ubuntu", "21.04", "2022-01-20"),
        entry("ubuntu", "21.10", "2022-07-14"), entry("ubuntu", "22.04", "2027-06-01"),
        entry("ubuntu", "22.10", "2023-07-20"),
        entry("ubuntu", "23.04", "2024-01-25"), entry("ubuntu", "23.10", "2024-07-11"),
        entry("ubuntu", "24.04", "2029-05-31"),
        entry("ubuntu", "24.10", "2025-07-10"), entry("ubuntu", "25.04", "2026-01-15"),
        entry("ubuntu", "25.10", "2026-07-09"),
        entry("ubuntu", "26.04", "2031-05-29"),
        entry("fedora", "38", "2024-05-21"), entry("fedora", "39", "2024-11-26"), entry("fedora", "40", "2025-05-13"),
        entry("fedora", "41", "2025-12-15"), entry("fedora", "42", "2026-05-13"), entry("fedora", "43", "2026-12-02"),
        entry("rhel", "6", "2020-11-30"), entry("rhel", "7", "2024-06-30"), entry("rhel", "8", "2029-05-31"),
        entry("rhel", "9", "2032-05-31"), entry("rhel", "10", "2035-05-31"),
        entry("centos", "6", "2020-11-30"), entry("centos", "7", "2024-06-30"), entry("centos", "8", "2021-12-31"),
        entry("centos", "9", "2027-05-31"),
        entry("almalinux", "8", "2029-03-01"), entry("almalinux", "9", "2032-05-31"),
        entry("almalinux", "10", "2035-05-31"),
        entry("rocky", "8", "2029-05-31"), entry("rocky", "9", "2032-05-31"), entry("rocky", "10", "2035-05-31"),
        entry("opensuse-leap", "15.5", "2024-12-31"), entry("opensuse-leap", "15.6", "2026-04-30"),
        entry("alpine", "3.18", "2025-05-09"), entry("alpine", "3.19", "2025-11-01"),
        entry("alpine", "3.20", "2026-04-01"),
        entry("alpine", "3.21", "2026-11-01"), entry("alpine", "3.22", "2027-05-01"),
        entry("amzn", "2", "2026-06-30"), entry("amzn", "2023", "2029-06-30"), entry("amzn", "2018", "2023-12-31"),
    ]

    /// Systems without releases: they are supported as long as they are kept up to date.
    static let rolling: Set<String> = ["arch", "opensuse-tumbleweed", "gentoo", "void"]

    static func entry(system: String, version: String, codename: String?) -> Entry? {
        entries.first { entry in
            guard entry.system == system else { return false }
            if version.isEmpty { return !entry.codename.isEmpty && entry.codename == codename }
            return version == entry.version || version.hasPrefix(entry.version + ".")
        }
    }
}
