import Store

extension LogDesk {
    /// The record tables of this room, for the ledger's verification.
    public static var tables: [RecordTable] {
        [
            WatchedLog.table, LogProfile.table, ArchivedSegment.table, InstalledRules.table, RuleTuning.table,
            Alert.table, AlertSuppression.table, LogProgress.table,
            StreamPositions.table, LogDigest.table, DetectionSettings.table,
        ]
    }

    /// The schema of this room.
    public static var migrations: [Migration] {
        [Migration("detection.1", creates: tables.map(\.definition) + [LogHours.table, MatchedPlace.table])]
    }
}
