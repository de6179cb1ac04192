/// The forms of logs in words, in the order in which people look for them.
enum LogFormatWords {
    static let all: [(value: String, title: String)] = [
        ("json", "JSON: one object a line"),
        ("syslog", "Syslog"),
        ("journal", "systemd's journal as JSON (journalctl -o json)"),
        ("journal-export", "systemd's journal, exported (journalctl -o export)"),
        ("auditd", "Linux audit (auditd)"),
        ("access", "Access log of a web server"),
        ("nginx-error", "Error log of nginx"),
        ("apache-error", "Error log of Apache"),
        ("cloudtrail", "AWS CloudTrail"),
        ("windows", "Windows events as JSON"),
    ]

    /// In a list, where the way of sending stands beside it.
    static func short(_ format: String) -> String {
        let title = all.first { $0.value == format }?.title ?? LogText.line(format, longest: 60)
        return String(title.prefix { $0 != ":" && $0 != "(" }).trimmingSpaces
    }

    /// What somebody would call a file of it.
    static func fileName(_ format: String) -> String {
        ["json", "journal", "cloudtrail", "windows"].contains(format) ? "events.jsonl" : "records.log"
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
