import Kernel
import Store
import Synchronization

/// How many bytes of records may be on their way at once: in all, of one organisation and of one source, so that a flood of one
/// leaves room for the others. Who cannot wait is told so; who can waits in line.
final class IntakeRoom: Sendable {
    /// Whose records take room.
    struct Owner: Hashable, Sendable {
        let organisation: Identifier<Organisation>
        let source: Identifier<WatchedLog>
    }

    private struct Waiter {
        let number: Int
        let owner: Owner
        let size: Int
        let go: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var taken = 0
        var bySource: [Owner: Int] = [:]
        var byOrganisation: [Identifier<Organisation>: Int] = [:]
        var waiting: [Waiter] = []
        var next = 0
        /// Who stopped waiting before it was in line.
        var cancelled: Set<Int> = []

        mutating func add(_ size: Int, of owner: Owner) {
            taken += size
            let ofOne = bySource[owner, default: 0] + size
            bySource[owner] = ofOne > 0 ? ofOne : nil
            let ofOrganisation = byOrganisation[owner.organisation, default: 0] + size
            byOrganisation[owner.organisation] = ofOrganisation > 0 ? ofOrganisation : nil
        }
    }

    private let limit: Int
    private let limitOfOrganisation: Int
    private let limitOfOne: Int
    private let state = Mutex(State())

    init(limit: Int = 64 << 20, limitOfOrganisation: Int = 40 << 20, limitOfOne: Int = 16 << 20) {
        self.limit = limit
        self.limitOfOrganisation = limitOfOrganisation
        self.limitOfOne = limitOfOne
    }

    private func fits(_ size: Int, of owner: Owner, in state: State) -> Bool {
        let ofOne = state.bySource[owner, default: 0]
        let ofOrganisation = state.byOrganisation[owner.organisation, default: 0]
        // What is larger than all room goes alone, or it would wait for ever.
        return (state.taken + size <= limit || state.taken == 0)
            && (ofOrganisation + size <= limitOfOrganisation || ofOrganisation == 0)
            && (ofOne + size <= limitOfOne || ofOne == 0)
    }

    /// Takes room, if there is some now and nobody of the same source waits for it.
    func take(_ size: Int, of owner: Owner) -> Bool {
        state.withLock { state in
            guard !state.waiting.contains(where: { $0.owner == owner }), fits(size, of: owner, in: state) else {
                return false
            }
            state.add(size, of: owner)
            return true
        }
    }

    /// Takes room as soon as there is some.
    ///
    /// - Throws: `CancellationError`; no room is taken then.
    func wait(for size: Int, of owner: Owner) async throws {
        if take(size, of: owner) { return }
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { go in
                let isCancelled = state.withLock { state in
                    guard state.cancelled.remove(number) == nil else { return true }
                    state.waiting.append(Waiter(number: number, owner: owner, size: size, go: go))
                    return false
                }
                if isCancelled { go.resume(throwing: CancellationError()) }
                // What became free before this stood in line is not told again.
                admit()
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.waiting.remove(at: index)
            }
            waiter?.go.resume(throwing: CancellationError())
        }
        state.withLock { _ = $0.cancelled.remove(number) }
    }

    /// Gives room back.
    func leave(_ size: Int, of owner: Owner) {
        state.withLock { state in
            state.add(-size, of: owner)
        }
        admit()
    }

    private func admit() {
        let admitted = state.withLock { state -> [Waiter] in
            var admitted: [Waiter] = []
            var blocked: Set<Owner> = []
            var index = 0
            while index < state.waiting.count {
                let waiter = state.waiting[index]
                if !blocked.contains(waiter.owner), fits(waiter.size, of: waiter.owner, in: state) {
                    state.add(waiter.size, of: waiter.owner)
                    admitted.append(waiter)
                    state.waiting.remove(at: index)
                } else {
                    blocked.insert(waiter.owner)
                    index += 1
                }
            }
            return admitted
        }
        for waiter in admitted { waiter.go.resume() }
    }

    /// How much is on its way now, in bytes.
    var taken: Int { state.withLock { $0.taken } }

    /// How many wait for room.
    var waitingCount: Int { state.withLock { $0.waiting.count } }
}
