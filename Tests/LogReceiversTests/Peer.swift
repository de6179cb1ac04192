import Foundation

/// A socket of a sender on loopback, spoken to in plain system calls that never wait: the listener needs the same threads.
final class Peer: Sendable {
    struct Failure: Error { let code: Int32 }

    private let descriptor: Int32

    /// - Parameters:
    ///   - address: What it sends from: each address of 127.0.0.0/8 is ours.
    init(_ kind: __socket_type, port: Int, from address: UInt32 = 0x7F00_0001) throws {
        descriptor = socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard Self.with(address, 0, { bind(descriptor, $0, $1) }) == 0,
            Self.with(0x7F00_0001, port, { connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS
        else {
            let code = errno
            Foundation.close(descriptor)
            throw Failure(code: code)
        }
    }

    deinit { Foundation.close(descriptor) }

    private static func with(
        _ address: UInt32, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = address.bigEndian
        place.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends everything, without ever holding up a thread: the listener needs it to read.
    func send(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            if let count = sendWithoutWaiting(rest) {
                rest = rest.dropFirst(count)
            } else {
                guard errno == EAGAIN, ContinuousClock.now < end else { throw Failure(code: errno) }
                try await Task.sleep(for: .milliseconds(1))
            }
        } while !rest.isEmpty
    }

    /// Sends as much as goes without waiting; `nil` if nothing goes.
    func sendWithoutWaiting(_ bytes: ArraySlice<UInt8>) -> Int? {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let count = bytes.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, flags) }
        return count >= 0 ? count : nil
    }

    /// Ends what we send, and waits until the other side has closed as well.
    func finish() async {
        shutdown(descriptor, Int32(SHUT_WR))
        _ = await isClosed()
    }

    /// Waits until the other side closes; `false` if it does not.
    func isClosed() async -> Bool {
        await eventually {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return count == 0 || count < 0 && errno != EAGAIN
        }
    }
}
