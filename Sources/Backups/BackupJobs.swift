import Store

extension Job {
    /// Makes the backups that are due, and removes old ones.
    public static let backups = Job("backups", in: .everywhere, may: ["backup.made", "backup.removed"])
}
