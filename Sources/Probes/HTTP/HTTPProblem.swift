import Kernel
import NIOCore
import NIOHTTP1
import NIOSSL

/// Why there is no answer, in words that are the same for every probe.
enum HTTPProblem {
    static func timedOut(_ host: String) -> Problem {
        Problem(
            .unavailable, code: "probe.timed-out", "\(host) did not answer in time.",
            hint: "Try again later, or give it more time with --timeout.")
    }

    static func unreachable(_ host: String, _ error: any Error) -> Problem {
        Problem(
            .unavailable, code: "probe.unreachable", "\(host) could not be connected to.",
            hint: "Check that something listens there, and that this machine may reach it.", cause: "\(error)")
    }

    static func untrusted(_ host: String, _ reason: String) -> Problem {
        Problem(
            .refused, code: "probe.untrusted", "\(host) was sent nothing that is meant for it alone: \(reason)",
            hint: "Trust its certificate with --ca, or scan without fields and cookies of your own.")
    }

    static let closed = Problem(
        .unavailable, code: "probe.closed", "The server ended the connection before it had answered.")

    static let stopped = Problem(.unavailable, code: "probe.stopped", "The scan was stopped.")

    static let headersTooLarge = Problem(
        .unavailable, code: "probe.headers-too-large", "The server's header fields are larger than a probe reads.")

    static func garbage(_ error: any Error) -> Problem {
        Problem(
            .unavailable, code: "probe.not-http", "What the server answered is not HTTP.",
            hint: "Check scheme and port.", cause: "\(error)")
    }

    static func tls(_ error: any Error) -> Problem {
        Problem(
            .unavailable, code: "probe.tls", "No encrypted connection could be agreed on.",
            hint: "`vouchsafe scan tls` tells what the server offers.", cause: "\(error)")
    }

    static let request = Problem(
        .invalid, code: "probe.request", "The request holds a header field that cannot be sent.",
        hint: "Names are letters, digits and hyphens; values are one line.")

    /// The problem behind what a handler threw.
    static func of(_ error: any Error) -> Problem {
        switch error {
        case is NIOSSLError, is BoringSSLError: tls(error)
        case HTTPParserError.headerOverflow: headersTooLarge
        case is HTTPParserError: garbage(error)
        case ChannelError.inputClosed, ChannelError.eof, ChannelError.alreadyClosed, ChannelError.ioOnClosedChannel:
            closed
        case is IOError: closed
        default: garbage(error)
        }
    }
}
