/// All patterns of one field over all rules, so that a value is read once however many rules ask for it.
///
/// Whole values, beginnings and ends are looked up by hash. For a pattern that may stand anywhere, the rarest four bytes of
/// its literal are its *gram*: the value's grams are tested against a bit set that mostly says no, and only the rest is
/// looked up and compared. Patterns shorter than a gram are found by their first one, two or three bytes.
struct PatternIndex: BitwiseCopyable {
    // Whole values.
    let exact: BucketTable
    /// Bit n: there is a whole value of n bytes; bit 63: or of more than 62.
    let exactLengths: UInt64
    // Beginnings and ends by their outer eight bytes, four, or one.
    let prefix8, prefix4, suffix8, suffix4: BucketTable
    let prefix1, suffix1: BucketTable
    // Anywhere.
    let grams: BucketTable
    let gramBits: Table<UInt64>
    let gramShift: UInt32
    /// For patterns of one to three bytes: by three, two or one byte.
    let short: BucketTable
    let shortBits: Table<UInt64>
    let hasShort: Bool
    let hasGrams: Bool
    /// Patterns without a literal to look for.
    let unanchored: Table<UInt32>
}

/// Patterns by a key: an open table of keys, each with a run of entries.
struct BucketTable: BitwiseCopyable {
    struct Slot: BitwiseCopyable {
        var key: UInt64
        var run: Run
    }

    /// A pattern, and where in its literal the key stands.
    struct Entry: BitwiseCopyable {
        var pattern: UInt32
        var offset: UInt32
    }

    let slots: Table<Slot>
    let entries: Table<Entry>
    let mask: UInt64

    var isEmpty: Bool { entries.count == 0 }

    @inline(__always)
    func find(_ key: UInt64) -> Run {
        var place = Bytes.mix(key) & mask
        while true {
            let slot = slots.base[Int(place)]
            if slot.run.count == 0 || slot.key == key { return slot.run }
            place = (place &+ 1) & mask
        }
    }

    init(_ buckets: [(key: UInt64, entry: Entry)], in storage: TableStorage) {
        let sorted = buckets.sorted { ($0.key, $0.entry.pattern) < ($1.key, $1.entry.pattern) }
        var size = 2
        while size < sorted.count * 2 + 1 { size *= 2 }
        mask = UInt64(size - 1)
        var slots = [Slot](repeating: Slot(key: 0, run: .none), count: size)
        var start = 0
        while start < sorted.count {
            var end = start + 1
            while end < sorted.count, sorted[end].key == sorted[start].key { end += 1 }
            var place = Bytes.mix(sorted[start].key) & mask
            while slots[Int(place)].run.count != 0 { place = (place + 1) & mask }
            slots[Int(place)] = Slot(
                key: sorted[start].key, run: Run(start: UInt32(start), count: UInt32(end - start)))
            start = end
        }
        self.slots = storage.freeze(slots)
        entries = storage.freeze(sorted.map(\.entry))
    }
}
