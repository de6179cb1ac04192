import Kernel
import Store

/// Work for every organisation in which the damage of one does not keep the others waiting.
public enum EachInTurn {
    /// Does `work` for each of `organisations`, one after the other.
    ///
    /// - Throws: `CancellationError` at once; otherwise, after all had their turn, the first error that there was.
    public static func run(
        _ organisations: [Identifier<Organisation>], _ work: (Identifier<Organisation>) async throws -> Void
    ) async throws {
        var first: (any Error)?
        for organisation in organisations {
            do {
                try await work(organisation)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                if first == nil { first = error }
            }
        }
        if let first { throw first }
    }
}
