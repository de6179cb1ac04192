import Foundation

/// What a name of the file system leads to, or what is open: as far as it decides how to read and write it.
public enum FileKind: Sendable {
    /// A plain file.
    case regular
    /// A folder.
    case folder
    /// A pipe, a socket, a device.
    case other

    /// What `descriptor` is; `nil` if it is not open.
    public init?(of descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// What stands at `path`, at the end of links; `nil` if nothing does, or if it cannot be told.
    public init?(at path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .folder
        default: self = .other
        }
    }
}
