import Kernel

/// When a server wants to be asked again (RFC 9110 §10.2.3).
enum RetryAfter {
    /// The time from now on; `nil` for what is neither a number of seconds nor a time.
    static func period(_ text: String, at now: Instant) -> Period? {
        if !text.isEmpty, text.utf8.allSatisfy(\.isDigit) { return .seconds(Int(text.prefix(9)) ?? 0) }
        return CookieDate.read(text).map { max($0 - now, .zero) }
    }
}
