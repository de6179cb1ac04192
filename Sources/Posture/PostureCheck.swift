import Kernel

/// What a company's policy says beyond the thresholds that every host shares.
public struct PostureOptions: Hashable, Sendable {
    /// TCP ports that may be open to other machines.
    public var allowedPorts: Set<UInt16>
    /// UDP ports that may be open to other machines.
    public var allowedDatagramPorts: Set<UInt16>
    /// The accounts that may administer a host; `nil` if nobody has said, which leaves administrators unproven.
    public var registeredAdmins: Set<String>?
    /// How far the host's clock is from the server's, if the server has measured it.
    public var measuredClockSkew: Period?
    /// Whether people may log in to this host from elsewhere; `nil` decides by its kind: servers may, laptops may not.
    public var allowsRemoteLogin: Bool?
    /// Whether traffic must leave through a VPN; `nil` decides by its kind: laptops must, what stands still need not.
    public var expectsVPN: Bool?

    /// - Parameters:
    ///   - allowedPorts: TCP; the server adds the one it listens on itself.
    ///   - allowedDatagramPorts: UDP; the default is the DHCP clients' (68 and 546).
    public init(
        allowedPorts: Set<UInt16> = [22, 80, 443], allowedDatagramPorts: Set<UInt16> = [68, 546],
        registeredAdmins: Set<String>? = nil, measuredClockSkew: Period? = nil, allowsRemoteLogin: Bool? = nil,
        expectsVPN: Bool? = nil
    ) {
        self.allowedPorts = allowedPorts
        self.allowedDatagramPorts = allowedDatagramPorts
        self.registeredAdmins = registeredAdmins
        self.measuredClockSkew = measuredClockSkew
        self.allowsRemoteLogin = allowsRemoteLogin
        self.expectsVPN = expectsVPN
    }
}

/// One question about a host, and the function that answers it.
public struct PostureCheck: Sendable, Identifiable {
    /// What it measures, how often, how long that stays fresh.
    public let check: Check
    /// Answers it. What it throws becomes the result *error*.
    public let judge: @Sendable (_ reader: HostReader, _ options: PostureOptions) throws -> Measurement

    /// The name of its check.
    public var id: CheckID { check.id }

    /// A question about hosts with the usual pace: every hour, fresh for 26 hours, so that a laptop may sleep for a day.
    ///
    /// - Parameters:
    ///   - keywords: lower-case words by which a sentence of a policy is recognised.
    ///   - judge: answers the question.
    public init(
        _ id: CheckID, title: String, measures: String, keywords: [String],
        judge: @escaping @Sendable (_ reader: HostReader, _ options: PostureOptions) throws -> Measurement
    ) {
        check = Check(
            id: id, title: title, measures: measures, population: .host, cadence: .hours(1), freshness: .hours(26),
            keywords: keywords)
        self.judge = judge
    }
}

/// Every question that can be asked of a host: compiled in, so that no server can make an agent look at anything else.
public enum PostureCatalogue {
    /// In the order in which a person wants to read them.
    public static let checks: [PostureCheck] = [
        DiskEncryption.check, MalwareProtection.check, GuestAccess.check, SecurityUpdates.check, RebootRequired.check,
        EndOfLife.check, AutomaticUpdates.check, HostFirewall.check, ListeningPorts.check, RemoteLogin.check,
        SSHPasswordAuthentication.check, SSHRootLogin.check, SSHCiphers.check, PasswordPolicy.check, Lockout.check,
        SudoRights.check, AdminAccounts.check, SecureBoot.check, TimeSynchronisation.check, ScreenLock.check,
        VirtualPrivateNetwork.check, WirelessSecurity.check,
    ]

    /// The check named `id`, if there is one.
    public static func check(_ id: CheckID) -> PostureCheck? {
        checks.first { $0.id == id }
    }

    /// Asks the host each question; one that fails to be answered gives *error* and keeps no other from its answer.
    ///
    /// - Parameters:
    ///   - ids: which, in the catalogue's order; `nil` for all. Names that the catalogue does not know are left out.
    ///   - reader: the host.
    ///   - options: what the company's policy adds.
    public static func run(
        _ ids: Set<CheckID>? = nil, on reader: HostReader, options: PostureOptions = PostureOptions()
    ) -> [(CheckID, Measurement)] {
        checks.filter { ids?.contains($0.id) ?? true }.map { ($0.id, answer($0, on: reader, options: options)) }
    }

    static func answer(_ check: PostureCheck, on reader: HostReader, options: PostureOptions) -> Measurement {
        do {
            return try check.judge(reader, options)
        } catch let problem as Problem {
            return Measurement(.error, value: problem.message, fix: problem.hint)
        } catch {
            return Measurement(.error, value: "the check could not be carried out: \("\(error)".shortened())")
        }
    }
}
