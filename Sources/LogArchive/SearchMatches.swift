import Kernel

/// The best matches found so far, in the order in which they are wanted; never more than are wanted.
struct SearchMatches {
    /// Where a record stands among all: by time, then by its place in the archive.
    struct Key: Hashable, Comparable {
        let receivedAt: Instant
        let reader: Int
        let block: Int
        let index: Int

        static func < (left: Key, right: Key) -> Bool {
            (left.receivedAt, left.reader, left.block, left.index)
                < (right.receivedAt, right.reader, right.block, right.index)
        }
    }

    /// A match in the block that is being looked at.
    struct Hit {
        let key: Key
        let bytes: Range<Int>
    }

    /// Whether there were more bytes than an answer may have, so that fewer are wanted now.
    private(set) var isCut = false
    private var remaining: Int
    private var bytesLeft = LogSearch.maximumBytes
    private var isFirst = true
    private let order: LogSearch.Order
    private var pending: [(key: Key, record: ArchivedRecord)] = []

    init(limit: Int, order: LogSearch.Order) {
        remaining = limit
        self.order = order
    }

    /// Whether everything that is wanted was taken.
    var isFull: Bool { remaining == 0 }

    /// Keeps those of `hits` that may be wanted; only of these a record is made.
    mutating func add(_ hits: [Hit], record: (Hit) -> ArchivedRecord) {
        let hits = hits.sorted { comesFirst($0.key, $1.key) }.prefix(remaining)
        var merged: [(key: Key, record: ArchivedRecord)] = []
        merged.reserveCapacity(min(remaining, pending.count + hits.count))
        var old = pending[...]
        var new = hits[...]
        var bytes = 0
        while merged.count < remaining {
            let isOld: Bool
            switch (old.first, new.first) {
            case (let left?, let right?): isOld = comesFirst(left.key, right.key)
            case (_?, nil): isOld = true
            case (nil, _?): isOld = false
            case (nil, nil):
                pending = merged
                return
            }
            bytes += isOld ? old[old.startIndex].record.bytes.count : new[new.startIndex].bytes.count
            if bytes > bytesLeft, !(isFirst && merged.isEmpty) {
                // What comes behind this one is not wanted any more, whatever else is found.
                remaining = merged.count
                isCut = true
                break
            }
            if isOld {
                merged.append(old.removeFirst())
            } else {
                let hit = new.removeFirst()
                merged.append((hit.key, record(hit)))
            }
        }
        pending = merged
    }

    /// Takes out what comes before `bound` in time, all of it for `nil`.
    mutating func take(before bound: Int64?) -> [ArchivedRecord] {
        let count =
            bound.map { bound in
                pending.firstIndex { order.key(of: $0.key.receivedAt) >= bound } ?? pending.count
            } ?? pending.count
        let taken = pending.prefix(count).map(\.record)
        pending.removeFirst(count)
        remaining -= count
        bytesLeft -= taken.reduce(0) { $0 + $1.bytes.count }
        if count > 0 { isFirst = false }
        return taken
    }

    private func comesFirst(_ left: Key, _ right: Key) -> Bool {
        order == .newestFirst ? right < left : left < right
    }
}

extension LogSearch.Order {
    /// A number that is smaller for what comes first.
    func key(of moment: Instant) -> Int64 {
        // The smallest of all numbers has no opposite.
        self == .newestFirst ? -max(moment.milliseconds, -.max) : moment.milliseconds
    }
}
