import Kernel

/// A view of one host, through which every check looks: the running machine, or a file tree captured from one.
///
/// Nothing here writes, and no command but those of `HostCommand` can be run.
public struct HostReader: Sendable {
    /// What came of reading a file.
    public enum Reading: Hashable, Sendable {
        case contents([UInt8])
        case missing
        /// This user may not read it.
        case denied
        /// It holds more than the `limit` of bytes that the reader asked for.
        case tooLarge(limit: Int)
        /// There is something else by that name: a directory, a device, a pipe.
        case notAFile
        case failed(String)
    }

    /// What came of listing a directory: the names, sorted bytewise, without `.` and `..`.
    public enum Listing: Hashable, Sendable {
        case names([String])
        case missing
        case denied
        case notADirectory
        case failed(String)
    }

    /// What stands in the inode of a file.
    public struct FileStatus: Hashable, Sendable {
        /// What kind of file the inode is.
        public enum Kind: Sendable { case file, directory, link, blockDevice, characterDevice, other }

        /// What kind of file it is.
        public let kind: Kind
        /// The permission bits, 0…0o7777.
        public let mode: UInt32
        /// The owner's user number.
        public let owner: UInt32
        /// When its content was last written.
        public let modified: Instant
        /// For a device: its own number; for everything else: that of the device it lies on.
        public let device: DeviceNumber

        /// A status out of its parts.
        public init(kind: Kind, mode: UInt32, owner: UInt32, modified: Instant, device: DeviceNumber) {
            self.kind = kind
            self.mode = mode
            self.owner = owner
            self.modified = modified
            self.device = device
        }
    }

    /// What came of asking for the status of a file; links are followed.
    public enum StatusReading: Hashable, Sendable {
        case found(FileStatus)
        case missing
        case denied
        case failed(String)
    }

    /// What came of a command.
    public enum CommandOutcome: Hashable, Sendable {
        /// It ended. In a captured tree the exit code is taken to be 0.
        case finished(exitCode: Int32, output: [UInt8])
        /// It is not installed, or its output is not in the captured tree.
        case absent
        /// It ended by saying that this user may not.
        case denied
        case timedOut
        case failed(String)
    }

    /// How well the kernel's clock is disciplined (adjtimex(2)).
    public struct ClockDiscipline: Hashable, Sendable {
        /// `STA_UNSYNC` is not set.
        public let isSynchronised: Bool
        /// The remaining correction, in microseconds.
        public let offset: Int64
        /// The estimated error, in microseconds.
        public let estimatedError: Int64

        /// A discipline out of its parts, both times in microseconds.
        public init(isSynchronised: Bool, offset: Int64, estimatedError: Int64) {
            self.isSynchronised = isSynchronised
            self.offset = offset
            self.estimatedError = estimatedError
        }
    }

    /// Reads the file at an absolute path, up to a limit of bytes.
    public let read: @Sendable (_ path: String, _ limit: Int) -> Reading
    /// Reads the first `count` bytes of a file of any size.
    public let head: @Sendable (_ path: String, _ count: Int) -> Reading
    /// Lists the directory at an absolute path.
    public let list: @Sendable (_ path: String) -> Listing
    /// The target of the symbolic link at an absolute path; `nil` if there is none or it may not be read.
    public let linkTarget: @Sendable (_ path: String) -> String?
    /// The status of what an absolute path leads to.
    public let status: @Sendable (_ path: String) -> StatusReading
    /// Runs a command of the closed list.
    public let run: @Sendable (_ command: HostCommand) -> CommandOutcome
    /// Asks the kernel about its clock; `nil` where there is no kernel to ask.
    public let clockDiscipline: @Sendable () -> ClockDiscipline?
    /// Whether this process has root's rights.
    public let isRoot: Bool
    /// Whether this is a captured tree and not the running machine.
    public let isCaptured: Bool
    /// The present moment.
    public let now: @Sendable () -> Instant

    /// A reader out of the functions that answer it.
    public init(
        read: @escaping @Sendable (_ path: String, _ limit: Int) -> Reading,
        head: @escaping @Sendable (_ path: String, _ count: Int) -> Reading,
        list: @escaping @Sendable (_ path: String) -> Listing,
        linkTarget: @escaping @Sendable (_ path: String) -> String?,
        status: @escaping @Sendable (_ path: String) -> StatusReading,
        run: @escaping @Sendable (_ command: HostCommand) -> CommandOutcome,
        clockDiscipline: @escaping @Sendable () -> ClockDiscipline?,
        isRoot: Bool, isCaptured: Bool,
        now: @escaping @Sendable () -> Instant
    ) {
        self.read = read
        self.head = head
        self.list = list
        self.linkTarget = linkTarget
        self.status = status
        self.run = run
        self.clockDiscipline = clockDiscipline
        self.isRoot = isRoot
        self.isCaptured = isCaptured
        self.now = now
    }
}

/// The number by which the kernel knows a device: `254:0`.
public struct DeviceNumber: Hashable, Sendable, CustomStringConvertible {
    /// The number of the driver's kind of device.
    public let major: UInt32
    /// The number of the device among those of its kind.
    public let minor: UInt32

    /// The device of these two numbers.
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// Reads `254:0`.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else { return nil }
        self.init(major: major, minor: minor)
    }

    /// The two numbers joined by a colon: `254:0`.
    public var description: String { "\(major):\(minor)" }
}
