/// Compares two secrets in a time that depends on their lengths only.
public func constantTimeEquals(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    var difference: UInt8 = 0
    for (left, right) in zip(one, other) { difference |= left ^ right }
    return difference == 0
}

/// A value that holds key material and therefore shows nothing of itself when printed, logged or reflected.
public protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    /// The type's name and nothing else.
    public var description: String { "\(Self.self)(redacted)" }
    /// The type's name and nothing else.
    public var debugDescription: String { description }
    /// The type's name and nothing else: no member is shown.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension XAES256GCM: Redacted {}
