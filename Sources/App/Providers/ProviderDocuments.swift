import Identity
import Kernel
import OpenIDConnect

/// What a provider says about itself when it is asked, for whoever sets it.
public struct ProviderInspection: Sendable {
    /// How it signs, of what is accepted here.
    public let algorithms: [String]
    /// How many of its keys can be used.
    public let keys: Int

    /// What it says, as a sentence for whoever asked.
    public var sentence: String {
        "The provider answers as it should: \(keys == 1 ? "one key" : "\(keys) keys") that can be used, signing with "
            + "\(algorithms.joined(separator: ", "))."
    }
}

/// What providers publish, asked for over the network and kept for a while; bounded in size, in time and in how many are
/// asked at once, since strangers can cause it.
actor ProviderDocuments {
    private struct Known {
        let metadata: ProviderMetadata
        var keys: ProviderKeys
        let readAt: Instant
        var keysReadAt: Instant
    }

    private let rule: AddressRule
    private let clock: WallClock
    private var known: [Issuer: Known] = [:]
    private var failures: [Issuer: (problem: Problem, at: Instant)] = [:]
    private var places = ProviderPlaces()

    /// After this long what a provider says is asked for anew, so that a key that it withdrew is not trusted for ever.
    private static let lifetime = Period.minutes(10)
    /// A provider that could not be read is left alone for a moment.
    private static let failureLifetime = Period.seconds(10)
    /// Unknown names of keys cannot make us ask more often than this.
    private static let shortest = Period.minutes(1)
    private static let mostKnown = 1000

    init(rule: AddressRule, clock: WallClock) {
        self.rule = rule
        self.clock = clock
    }

    /// What `issuer` says about itself.
    ///
    /// - Throws: `Problem` that says what is wrong with it, or `identity-provider.unreachable`.
    func metadata(of issuer: Issuer) async throws -> ProviderMetadata { try await documents(of: issuer).metadata }

    /// Who the provider says it is that came back with `code`.
    func identity(exchanging code: String, of visit: ProviderVisit, as client: Client) async throws -> VerifiedIdentity
    {
        let issuer = visit.provider.issuer
        let documents = try await documents(of: issuer)
        let request = TokenRequest(exchanging: code, of: visit.request, at: documents.metadata, as: client)
        let answer = try await asking(issuer) { outside in
            try await outside.post(
                form: request.body, to: request.address, authorization: request.authorization,
                limit: ProviderMetadata.sizeLimit)
        }
        let token = try IDToken(reading: try TokenRequest.idToken(status: answer.status, body: answer.body))
        let now = clock.now()
        func verified(_ keys: ProviderKeys) async throws -> VerifiedIdentity {
            try await token.verified(
                with: keys, of: documents.metadata, as: client, answering: visit.request, begun: visit.begunAt, at: now)
        }
        do {
            return try await verified(documents.keys)
        } catch let problem as Problem where problem.code == "identity-provider.unknown-key" {
            // It may have changed its keys since they were read.
            guard let newer = try await newerKeys(of: issuer) else { throw problem }
            return try await verified(newer)
        }
    }

    /// Asks a provider anew, whatever is known of it.
    func inspect(_ issuer: Issuer) async throws -> ProviderInspection {
        let documents = try await read(issuer)
        return ProviderInspection(
            algorithms: documents.metadata.algorithms.map(\.rawValue).sorted(), keys: documents.keys.count)
    }

    private func documents(of issuer: Issuer) async throws -> Known {
        let now = clock.now()
        if let known = known[issuer], known.readAt <= now, now < known.readAt + Self.lifetime { return known }
        if let failure = failures[issuer], failure.at <= now, now < failure.at + Self.failureLifetime {
            throw failure.problem
        }
        do {
            return try await read(issuer)
        } catch let problem as Problem where problem.kind != .tooMuch {
            if failures.count >= Self.mostKnown { failures.removeAll() }
            failures[issuer] = (problem, now)
            throw problem
        }
    }

    private func read(_ issuer: Issuer) async throws -> Known {
        // Asked again: what was set by an operator who allowed more is not asked by a server that does not.
        let issuer = try Issuer(issuer.text, rule: rule)
        let (rule, now) = (rule, clock.now())
        let read = try await asking(issuer) { outside in
            let metadata = try ProviderMetadata(
                reading: try await outside.get(issuer.metadataAddress, limit: ProviderMetadata.sizeLimit), of: issuer,
                rule: rule)
            let keys = try await outside.get(metadata.keysAddress, limit: ProviderMetadata.sizeLimit)
            return Known(
                metadata: metadata, keys: try ProviderKeys(reading: keys, of: metadata), readAt: now, keysReadAt: now)
        }
        if known.count >= Self.mostKnown { known.removeAll() }
        known[issuer] = read
        failures[issuer] = nil
        return read
    }

    /// The keys as they are now; `nil` if they were read within the last minute.
    private func newerKeys(of issuer: Issuer) async throws -> ProviderKeys? {
        let now = clock.now()
        guard let old = known[issuer], now >= old.keysReadAt + Self.shortest else { return nil }
        // Noted first, so that others who wait meanwhile do not ask as well.
        known[issuer]?.keysReadAt = now
        let metadata = old.metadata
        let keys = try await asking(issuer) { outside in
            try ProviderKeys(
                reading: try await outside.get(metadata.keysAddress, limit: ProviderMetadata.sizeLimit), of: metadata)
        }
        known[issuer]?.keys = keys
        return keys
    }

    /// Asks `issuer`, unless too many already do.
    private func asking<T: Sendable>(
        _ issuer: Issuer, _ work: @Sendable (OutsideClient) async throws -> T
    ) async throws -> T {
        guard places.take(for: issuer) else {
            throw Problem(
                .tooMuch, code: "identity-provider.busy",
                "Too many people sign in at identity providers at the moment.",
                hint: "Try again in a few seconds.", retryAfter: .seconds(5))
        }
        defer { places.giveBack(by: issuer) }
        let outside = try OutsideClient()
        do {
            let result = try await work(outside)
            await outside.close()
            return result
        } catch {
            await outside.close()
            guard let problem = error as? Problem, problem.code.hasPrefix("outside.") else { throw error }
            throw Problem(
                .unavailable, code: "identity-provider.unreachable",
                "The identity provider does not answer as it should.",
                hint: "Try again in a while, or sign in another way.", cause: problem.cause ?? problem.message)
        }
    }
}

/// Looks at a provider before anybody depends on it.
public enum ProviderCheck {
    /// What the provider says about itself, and whether that will do.
    ///
    /// - Throws: `Problem` that says what is wrong with it.
    public static func run(_ issuer: Issuer, rule: AddressRule, clock: WallClock = .system) async throws
        -> ProviderInspection
    {
        try await ProviderDocuments(rule: rule, clock: clock).inspect(issuer)
    }
}
