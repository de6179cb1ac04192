import Kernel
import Ledger
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An operator who holds a log's key and serves whatever suits, over HTTP on loopback.
///
/// It runs on threads of its own, because a test that waits for a command holds one of the tests' threads.
final class LyingOperator: Sendable {
    let signer: NoteSigner
    private let answers: Answers
    private let channel: any Channel

    init() throws {
        signer = try NoteSigner(name: "vouchsafe.example/lying", seed: Array(repeating: 4, count: 32))
        let answers = Answers()
        self.answers = answers
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Answering(answers: answers))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
    }

    deinit { channel.close(promise: nil) }

    var address: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// From now on serves `history`, with the bytes of each path as `lie` changes them; `nil` for what is not there.
    func serve(
        _ history: History, lie: @escaping @Sendable (_ path: String, _ bytes: [UInt8]) -> [UInt8]? = { $1 }
    ) throws {
        let note = try history.checkpoint(by: signer).encoded
        answers.set { path in
            if path == "checkpoint" { return lie(path, note) }
            return (try? history.bytes(at: path)).flatMap { lie(path, $0) }
        }
    }
}

extension LyingOperator {
    /// The key of the operator's log in which it shows what it likes of its ledger.
    static var operatorLog: NoteSigner {
        get throws { try NoteSigner(name: "vouchsafe/operator/lying", seed: Array(repeating: 5, count: 32)) }
    }

    /// From now on serves `history` as `ledger/one`, and an operator's log that shows it as `shown` says.
    func serve(_ history: History, shown: [History]) throws {
        let log = History(leaves: try shown.map { try OperatorLeaf($0.checkpoint(by: signer)).encoded })
        let notes = [
            "ledger/one/checkpoint": try history.checkpoint(by: signer).encoded,
            "operator-log/checkpoint": try log.checkpoint(by: Self.operatorLog).encoded,
        ]
        answers.set { path in
            if let note = notes[path] { return note }
            for (prefix, served) in [("ledger/one/", history), ("operator-log/", log)] where path.hasPrefix(prefix) {
                return try? served.bytes(at: String(path.dropFirst(prefix.count)))
            }
            return nil
        }
    }
}

/// The entries of a log, in which those at `rewritten` say something else than in any other history.
struct History: Sendable {
    private let leaves: [[UInt8]]
    private let levels: [Int: [MerkleHash]]

    init(_ count: Int, rewritten: Set<Int> = []) {
        self.init(leaves: (0..<count).map { Array((rewritten.contains($0) ? "forged \($0)" : "entry \($0)").utf8) })
    }

    /// Any entries.
    init(leaves: [[UInt8]]) {
        self.leaves = leaves
        var levels: [Int: [MerkleHash]] = [:]
        var frontier = MerkleFrontier()
        for leaf in leaves {
            let hash = MerkleHash(leaf: leaf)
            levels[0, default: []].append(hash)
            for node in frontier.append(hash) { levels[node.level, default: []].append(node.hash) }
        }
        self.levels = levels
    }

    private var reader: MerkleReader {
        MerkleReader(size: UInt64(leaves.count)) { [levels] level, range in
            Array((levels[level] ?? [])[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }

    func checkpoint(by signer: NoteSigner) throws -> SignedNote {
        var reader = reader
        return try Checkpoint(origin: signer.verifier.name, size: UInt64(leaves.count), root: reader.root())
            .signed(by: signer)
    }

    /// What asks a witness to go from `oldSize` entries to all of these.
    func request(from oldSize: Int, by signer: NoteSigner) throws -> WitnessRequest {
        var reader = reader
        let isProvable = oldSize > 0 && oldSize <= leaves.count
        return try WitnessRequest(
            oldSize: UInt64(oldSize), proof: isProvable ? reader.consistencyProof(from: UInt64(oldSize)) : [],
            checkpoint: checkpoint(by: signer))
    }

    fileprivate func bytes(at path: String) throws -> [UInt8]? {
        guard case .tile(let tile)? = TilePath(path), tile.isHeld(byTreeOf: UInt64(leaves.count)) else { return nil }
        let range = Int(tile.positions.lowerBound)..<Int(tile.positions.upperBound)
        switch tile.content {
        case .entries: return try EntryBundle.encode(Array(leaves[range]))
        case .hashes(let level): return try HashTile(Array((levels[8 * level] ?? [])[range])).encoded
        }
    }
}

/// What is served at the moment.
private final class Answers: Sendable {
    private let current = Mutex<@Sendable (String) -> [UInt8]?> { _ in nil }

    func set(_ answers: @escaping @Sendable (String) -> [UInt8]?) { current.withLock { $0 = answers } }
    func bytes(at path: String) -> [UInt8]? { current.withLock { $0 }(path) }
}

private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answers: Answers

    init(answers: Answers) {
        self.answers = answers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let request) = unwrapInboundIn(data) else { return }
        let body = answers.bytes(at: String(request.uri.dropFirst()))
        let head = HTTPResponseHead(
            version: .http1_1, status: body == nil ? .notFound : .ok,
            headers: ["content-length": "\(body?.count ?? 0)"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body ?? [])))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
