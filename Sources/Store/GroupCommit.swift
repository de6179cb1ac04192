import Kernel

/// A write that waits for a transaction to run in.
public struct WaitingWrite: Sendable {
    /// Whose rows it writes.
    public let organisation: Identifier<Organisation>
    /// Whether it appends to the organisation's ledger.
    let appends: Bool
    /// Does the work and returns how to tell the caller once the commit is durable.
    let run: @Sendable (WriteSession) throws -> @Sendable () -> Void
    /// Tells the caller that nothing was stored, and why.
    public let fail: @Sendable (any Error) -> Void
}

/// A connection inside a transaction, and the end of the ledger of the organisation that writes.
struct WriteSession {
    let session: any SQLSession
    let tail: LedgerTail
}

/// What a driver's connection does around the writes that share one commit.
public protocol GroupTransaction {
    /// The connection that the writes use.
    var session: any SQLSession { get }
    /// Opens the transaction.
    func begin() throws
    /// Makes everything durable.
    func commit() throws
    /// Undoes everything; reports nothing, because the callers are told already.
    func rollBack()
    /// Whether a savepoint can still be gone back to. A full disk or a lost connection ends the whole transaction.
    var isOpen: Bool { get }
}

/// Several writes in one commit, each in its own savepoint, so that one sync serves them all and none disturbs another.
public enum GroupCommit {
    /// More would make the first caller wait too long for the last.
    public static let largest = 256
    /// More in line would only grow old while the database stands still.
    public static let mostWaiting = 4096

    /// What a write is told that finds too many before it.
    public static var isFull: Problem {
        Problem(.unavailable, code: "store.busy", "The database is busy; nothing was stored.", hint: "Try again.")
    }

    /// Runs `writes` in one transaction and tells every caller what became of its own.
    public static func run(_ writes: [WaitingWrite], in transaction: some GroupTransaction) {
        var acknowledgements: [@Sendable () -> Void] = []
        var untold = writes
        var organisations = 0
        do {
            try transaction.begin()
            var tails: [Identifier<Organisation>: LedgerTail] = [:]
            for write in writes {
                let tail =
                    tails[write.organisation]
                    ?? LedgerTail(session: transaction.session, organisation: write.organisation)
                tails[write.organisation] = tail
                do {
                    acknowledgements.append(
                        try attempt(write, after: tail, in: transaction, isAlone: writes.count == 1))
                } catch let failure as FailedWrite {
                    untold.remove(at: acknowledgements.count)
                    write.fail(failure.reason)
                }
            }
            // Nobody is left whose rows could be there.
            guard !acknowledgements.isEmpty else { return transaction.rollBack() }
            organisations = tails.count
            for tail in tails.values { try tail.flush() }
            organisations = 0
            try transaction.commit()
        } catch {
            transaction.rollBack()
            // Nobody has been told anything, and the damaged ledger of one is no reason to refuse the others.
            guard organisations < 2 else { return runApart(untold, in: transaction) }
            for write in untold { write.fail(error) }
            return
        }
        for acknowledge in acknowledgements { acknowledge() }
    }

    /// Gives each organisation's writes a transaction of their own.
    private static func runApart(_ writes: [WaitingWrite], in transaction: some GroupTransaction) {
        var left = writes
        while let first = left.first {
            run(left.filter { $0.organisation == first.organisation }, in: transaction)
            left.removeAll { $0.organisation == first.organisation }
        }
    }

    /// One write failed and was undone; the transaction goes on without it.
    private struct FailedWrite: Error {
        let reason: any Error
    }

    private static func attempt(
        _ write: WaitingWrite, after tail: LedgerTail, in transaction: some GroupTransaction, isAlone: Bool
    ) throws -> @Sendable () -> Void {
        let session = transaction.session
        let mark = tail.mark
        do {
            // The only write of a transaction is undone with it.
            if !isAlone { try session.send("SAVEPOINT one", []) }
            if write.appends { try tail.prefetch() }
            let acknowledge = try write.run(WriteSession(session: session, tail: tail))
            if !isAlone {
                try session.send("RELEASE SAVEPOINT one", [])
                try session.settle()
            }
            // What the only write has sent is answered with the commit, in one round trip.
            return acknowledge
        } catch {
            guard !isAlone, transaction.isOpen else { throw error }
            session.forget()
            try session.send("ROLLBACK TO SAVEPOINT one", [])
            try session.send("RELEASE SAVEPOINT one", [])
            try session.settle()
            tail.goBack(to: mark)
            throw FailedWrite(reason: error)
        }
    }
}
