extension Array where Element: Hashable {
    /// The elements without those that stood there before.
    var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
