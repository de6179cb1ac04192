import StoreSupport
import TestSupport

extension TemporaryFolder {
    /// Works on the stored bytes as somebody does who has the database and nothing else.
    func withRawDatabase<T>(_ work: (any RawDatabase) throws -> T) throws -> T {
        try TestDatabase.current.withRawDatabase(in: self, work)
    }

    /// Runs statements on them.
    func runSQL(_ statements: String) throws { try withRawDatabase { try $0.execute(statements) } }
}
