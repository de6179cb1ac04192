import Foundation

/// What a process that keeps secrets sees to before it does anything else.
enum ProcessCare {
    static func begin() {
        // A reader that goes away (`vouchsafe status | head`) is no reason to die with a signal.
        signal(SIGPIPE, SIG_IGN)
        // A limit on file sizes is met by an error that can be explained, not by a signal.
        signal(SIGXFSZ, SIG_IGN)
        // What is made here is its owner's alone, even in a folder that others may enter.
        umask(0o077)
        keepStandardStreams()
    }

    /// The processor time that this process has taken until now, in seconds.
    static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    /// Takes the numbers 0 to 2 if the caller closed them: a file that is opened later must not get a number that messages go to.
    private static func keepStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }
}
