import Commitments
import Endpoints
import Identity
import Kernel
import Store

extension Rooms {
    /// Founds an organisation whose first subjects are this installation and the machine it runs on.
    ///
    /// - Parameters:
    ///   - machine: The machine's name, as people call it.
    ///   - node: The server that runs on it.
    public func found(_ name: String, machine: String, node: String, as principal: Principal) async throws -> Tenant {
        let tenant = try await identity.found(name, as: principal)
        let scope = database.scope(tenant.id, as: principal)
        try await scope.change("installation.joined", on: "organisation:\(tenant.id)") { [evidence] change in
            try evidence.join(Self.installation(of: tenant.id), at: change.now, in: change)
        }
        _ = try await hosts.enrol(machine, node: node, in: tenant.id, as: principal)
        return tenant
    }

    /// This installation as the subject of its own checks, as one organisation sees it.
    static func installation(of organisation: Identifier<Organisation>) -> Subject {
        Subject(kind: .installation, id: organisation.retyped())
    }
}
