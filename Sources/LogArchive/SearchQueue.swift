/// What a search has still to look at, nearest to the wanted end of time first: a binary heap.
struct SearchQueue<Element> {
    private var items: [(key: Int64, element: Element)] = []

    /// How near the nearest is; nothing that comes out later is nearer.
    var nextKey: Int64? { items.first?.key }

    mutating func add(_ element: Element, key: Int64) {
        items.append((key, element))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].key < items[parent].key else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func takeNext() -> Element? {
        guard let first = items.first else { return nil }
        items.swapAt(0, items.count - 1)
        items.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].key < items[least].key { least = child }
            guard least != parent else { return first.element }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
