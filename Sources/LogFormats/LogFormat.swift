/// The forms of logs that can be read.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line, its fields named as rules name them.
    case json
    /// Syslog: RFC 5424, RFC 3164, or as daemons write it into files.
    case syslog
    /// The Linux audit system's log.
    case auditd
    /// A web server's access log, common or combined.
    case access
    /// nginx's error log.
    case nginxError = "nginx-error"
    /// Apache's error log.
    case apacheError = "apache-error"
    /// systemd's journal as `journalctl -o json` writes it.
    case journal
    /// systemd's journal in its export format, as `journalctl -o export` writes it.
    case journalExport = "journal-export"
    /// AWS CloudTrail: one record a line, or a whole file of `Records` on one line.
    case cloudtrail
    /// Events of Windows as JSON, in the forms of evtx_dump, Winlogbeat and NXLog.
    case windows
}

/// Why a line of a log is no event.
public enum LogFault: String, Error, Sendable, CaseIterable {
    /// It is not in the form that was said.
    case otherForm = "not in this form"
}
