import Kernel
import Store

/// Whoever asks, however they are known: a person by their session, or a program by its token.
public struct Caller: Sendable {
    /// On whose behalf data is touched.
    public let principal: Principal
    /// The organisation that they ask about.
    public let tenant: Tenant
    /// What they may do there.
    public let permissions: Set<Permission>

    /// A caller out of its parts.
    init(principal: Principal, tenant: Tenant, permissions: Set<Permission>) {
        self.principal = principal
        self.tenant = tenant
        self.permissions = permissions
    }
}

extension SignedIn {
    /// The person as anyone who asks.
    public var caller: Caller {
        Caller(principal: .person(account.id), tenant: tenant, permissions: permissions)
    }
}
