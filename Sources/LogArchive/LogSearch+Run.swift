import Kernel

extension LogSearch {
    /// Searches segments and yields what matches in the order of receipt, as soon as nothing earlier in it can come any more.
    ///
    /// Blocks outside the time range and of other origins are not opened; neither is anything behind the limit. A block
    /// that cannot be read is reported, and the search goes on.
    ///
    /// - Parameters:
    ///   - readers: The segments, in the order in which they were begun: it decides between records of the same millisecond.
    ///   - isCancelled: Asked between blocks; answers whether to stop.
    ///   - each: Takes a record.
    /// - Returns: How it went, with what could not be read.
    /// - Throws: What `each` throws.
    public func run(
        over readers: [SegmentReader], isCancelled: () -> Bool = { Task.isCancelled },
        each: (ArchivedRecord) throws -> Void
    ) rethrows -> Report {
        var run = SearchRun(self, readers)
        while let bound = run.nextKey {
            for record in run.records(before: bound) { try each(record) }
            if run.isFull { return run.report }
            if isCancelled() {
                run.report.ending = .cancelled
                return run.report
            }
            run.lookOn()
        }
        for record in run.records(before: nil) { try each(record) }
        return run.report
    }
}

/// A search at work.
private struct SearchRun {
    /// Something that may hold matches.
    enum Place {
        case page(reader: Int, SegmentIndex.Page)
        case block(reader: Int, SegmentBlock)
    }

    let search: LogSearch
    let readers: [SegmentReader]
    var report = LogSearch.Report()
    private var terms: RecordTerms
    private var queue = SearchQueue<Place>()
    private var matches: SearchMatches

    init(_ search: LogSearch, _ readers: [SegmentReader]) {
        self.search = search
        self.readers = readers
        terms = RecordTerms(search.terms)
        matches = SearchMatches(limit: search.limit, order: search.order)
        for (index, reader) in readers.enumerated() {
            reader.damages.forEach { report.note($0) }
            if let sources = search.sources, sources.isDisjoint(with: reader.sources.keys) { continue }
            for page in reader.pages where isInTime(page.from, page.to) {
                queue.add(.page(reader: index, page), key: key(page.from, page.to))
            }
        }
    }

    /// How near to the wanted end of time the next place can be.
    var nextKey: Int64? { queue.nextKey }

    /// Whether everything that is wanted was taken.
    var isFull: Bool { matches.isFull }

    /// The matches that nothing in places from `bound` on can precede; all of them for `nil`.
    mutating func records(before bound: Int64?) -> [ArchivedRecord] {
        let records = matches.take(before: bound)
        report.found += records.count
        if matches.isFull { report.ending = matches.isCut ? .sizeReached : .limitReached }
        return records
    }

    /// Looks at the place that is next.
    mutating func lookOn() {
        switch queue.takeNext() {
        case nil: return
        case .page(let reader, let page):
            do throws(Problem) {
                for block in try readers[reader].blocks(of: page)
                where isInTime(block.from, block.to) && search.sources?.contains(block.source) ?? true {
                    queue.add(.block(reader: reader, block), key: key(block.from, block.to))
                }
            } catch { report.note(error) }
        case .block(let reader, let block):
            do throws(Problem) { try look(into: block, of: reader) } catch { report.note(error) }
        }
    }

    private mutating func look(into block: SegmentBlock, of index: Int) throws(Problem) {
        let reader = readers[index]
        _ = try reader.unpack(block)
        report.blocks += 1
        report.bytes += block.recordBytes
        terms.take(reader.plain)
        var hits: [SearchMatches.Hit] = []
        var walk = BlockRecords.Walk()
        while let batch = try reader.next(&walk, of: block) {
            guard isInTime(batch.receivedAt, batch.receivedAt) else { continue }
            terms.matches(from: batch.start, ends: walk.ends) { record in
                hits.append(
                    SearchMatches.Hit(
                        key: SearchMatches.Key(
                            receivedAt: batch.receivedAt, reader: index, block: block.number,
                            index: batch.first + record),
                        bytes: (record == 0 ? batch.start : walk.ends[record - 1])..<walk.ends[record]))
            }
        }
        matches.add(hits) { hit in
            ArchivedRecord(
                source: block.source, receivedAt: hit.key.receivedAt, bytes: Array(reader.plain[hit.bytes]),
                segment: reader.id, block: block.number, index: hit.key.index)
        }
    }

    private func isInTime(_ from: Instant, _ to: Instant) -> Bool { from < search.until && to >= search.from }

    /// Smaller is nearer to the end of time that the search begins at.
    private func key(_ from: Instant, _ to: Instant) -> Int64 {
        search.order.key(of: search.order == .newestFirst ? to : from)
    }
}
