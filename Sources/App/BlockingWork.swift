import Foundation

/// Work that blocks its thread: files, commands. Kept off the threads that serve requests.
enum BlockingWork {
    private static let threads: OperationQueue = {
        let queue = OperationQueue()
        queue.name = "vouchsafe.collectors"
        queue.maxConcurrentOperationCount = 2
        return queue
    }()

    static func start(_ work: @escaping @Sendable () -> Void) { threads.addOperation(work) }

    static func run<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            threads.addOperation { continuation.resume(returning: work()) }
        }
    }
}
