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
