import OpenIDConnect

/// How many may ask providers at once: bounded, since strangers can cause it, and for each host of theirs too, so that one that
/// lets everybody wait keeps nobody from signing in at another.
struct ProviderPlaces {
    static let most = 64
    static let mostOfOne = 16

    private var taken: [String: Int] = [:]
    private var count = 0

    /// Takes a place.
    ///
    /// - Returns: Whether there was one.
    mutating func take(for issuer: Issuer) -> Bool {
        guard count < Self.most, taken[issuer.authority, default: 0] < Self.mostOfOne else { return false }
        taken[issuer.authority, default: 0] += 1
        count += 1
        return true
    }

    /// Gives back a place that was taken.
    mutating func giveBack(by issuer: Issuer) {
        guard let held = taken[issuer.authority] else { return }
        taken[issuer.authority] = held > 1 ? held - 1 : nil
        count -= 1
    }
}
