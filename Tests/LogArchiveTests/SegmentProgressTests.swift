import Kernel
import LogFormats
import Testing

@testable import LogArchive

@Suite("What a disk that refuses takes back")
struct SegmentProgressTests {
    @Test("everything since the last sync is as it was then")
    func takeBack() {
        var progress = SegmentProgress(header: [1, 2, 3])
        let stream = OriginStream(source: origin(1), stream: "a")
        let other = OriginStream(source: origin(1), stream: "b")
        func add(_ number: Int, _ stream: OriginStream, end: UInt64) {
            var ahead = progress.ahead
            ahead.add(
                SegmentBlock(
                    number: number, source: origin(1), firstRecord: ahead.record, records: 2, from: moment(0),
                    to: moment(0), recordBytes: 4, offset: ahead.size, size: 5), [5, 5, 5, 5, UInt8(number)])
            progress.take(ahead)
            progress.note(.init(stream: stream.stream, start: 0, end: end), of: stream.source)
        }
        add(0, stream, end: 1)
        #expect(!progress.isSynced)
        progress.sync()
        #expect(progress.isSynced)
        let before = (progress.blocks, progress.positions, progress.size, progress.digest(with: []))
        for round in 1...3 {
            add(1, stream, end: UInt64(round * 10))
            add(2, other, end: UInt64(round * 20))
            add(3, stream, end: UInt64(round * 30))
            #expect(!progress.isSynced && progress.ahead.record == 8 && progress.positions[other] != nil)
            progress.takeBack()
            #expect(progress.isSynced)
            #expect((progress.blocks, progress.positions, progress.size, progress.digest(with: [])) == before)
        }
    }
}
