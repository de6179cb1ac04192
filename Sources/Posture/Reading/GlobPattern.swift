/// A shell pattern of one path component or one name: `*`, `?`, and `[…]` sets as glob(7) has them.
struct GlobPattern {
    private let pattern: [Character]

    init(_ pattern: some StringProtocol) {
        self.pattern = Array(pattern)
    }

    /// Whether any character of the pattern is a wildcard.
    var hasWildcard: Bool { pattern.contains { $0 == "*" || $0 == "?" || $0 == "[" } }

    /// Whether all of `name` matches. Linear in practice: one `*` is remembered, never a stack of them.
    func matches(_ name: some StringProtocol) -> Bool {
        let name = Array(name)
        var place = 0
        var position = 0
        var star: (pattern: Int, name: Int)?
        while position < name.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, position)
                place += 1
            } else if place < pattern.count, let next = step(at: place, over: name[position]) {
                place = next
                position += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                place = last.pattern + 1
                position = last.name + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }

    /// The place in the pattern after one that takes `character`.
    private func step(at place: Int, over character: Character) -> Int? {
        switch pattern[place] {
        case "?": return place + 1
        case "[":
            guard let end = pattern[(place + 1)...].dropFirst().firstIndex(of: "]") else {
                return character == "[" ? place + 1 : nil
            }
            var members = pattern[(place + 1)..<end]
            let isNegated = members.first == "!" || members.first == "^"
            if isNegated { members = members.dropFirst() }
            return set(Array(members), holds: character) != isNegated ? end + 1 : nil
        default: return pattern[place] == character ? place + 1 : nil
        }
    }

    private func set(_ members: [Character], holds character: Character) -> Bool {
        var index = 0
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == "-" {
                if members[index] <= character, character <= members[index + 2] { return true }
                index += 3
            } else {
                if members[index] == character { return true }
                index += 1
            }
        }
        return false
    }
}
