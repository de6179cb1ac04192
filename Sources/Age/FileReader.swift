import Kernel

/// What is done with the parts of an age file as they come.
protocol FileParts: Sendable {
    /// The header has been read.
    mutating func meet(_ header: Header) throws(Problem)
    /// The payload begins, with its nonce.
    mutating func begin(nonce: [UInt8]) throws(Problem)
    /// More of the payload came.
    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, into plaintext: inout [UInt8]) throws(Problem)
    /// The payload has ended.
    mutating func finish(into plaintext: inout [UInt8]) throws(Problem)
}

/// Takes an age file apart, binary or armoured, in pieces of any size; how it is cut changes nothing.
struct FileReader<Parts: FileParts>: Sendable {
    private(set) var parts: Parts
    private(set) var isArmoured: Bool?
    private var armour = ArmourReader()
    private var header = HeaderReader()
    private var nonce: [UInt8] = []
    private var hasBegun = false
    private var failure: Problem?

    init(_ parts: Parts) { self.parts = parts }

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, into plaintext: inout [UInt8]) throws(Problem) {
        if let failure { throw failure }
        do throws(Problem) { try take(bytes, into: &plaintext) } catch { throw fail(error) }
    }

    mutating func finish(into plaintext: inout [UInt8]) throws(Problem) {
        if let failure { throw failure }
        do throws(Problem) { try end(into: &plaintext) } catch { throw fail(error) }
        failure = AgeProblem.finished
    }

    /// Nothing more is handed out after a fault.
    private mutating func fail(_ problem: Problem) -> Problem {
        failure = problem
        return problem
    }

    private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, into plaintext: inout [UInt8]) throws(Problem) {
        guard let first = bytes.first else { return }
        if isArmoured == nil {
            let isBinary = first == UInt8(ascii: "a")
            // White space may stand before armour, and nothing before a binary file.
            guard isBinary || first == UInt8(ascii: "-") || Armour.isSpace(first) else {
                throw AgeProblem.unknownFormat
            }
            isArmoured = !isBinary
        }
        guard isArmoured == true else { return try takeBinary(bytes, into: &plaintext) }
        var binary: [UInt8] = []
        binary.reserveCapacity(bytes.count / 4 * 3 + Armour.lineBytes)
        var fault: Problem?
        do { try armour.read(bytes, into: &binary) } catch { fault = error }
        // What stands before the fault is told first, so that the outcome does not depend on the pieces.
        try binary.withUnsafeBufferPointer { (binary) throws(Problem) in try takeBinary(binary, into: &plaintext) }
        if let fault { throw fault }
    }

    private mutating func takeBinary(
        _ bytes: UnsafeBufferPointer<UInt8>, into plaintext: inout [UInt8]
    ) throws(Problem) {
        var rest = bytes
        if !hasBegun {
            if header.header == nil {
                rest = UnsafeBufferPointer(rebasing: rest.dropFirst(try header.read(rest)))
                guard let read = header.header else { return }
                try parts.meet(read)
            }
            let missing = Payload.nonceSize - nonce.count
            nonce.append(contentsOf: rest.prefix(missing))
            rest = UnsafeBufferPointer(rebasing: rest.dropFirst(missing))
            guard nonce.count == Payload.nonceSize else { return }
            try parts.begin(nonce: nonce)
            hasBegun = true
        }
        try parts.take(rest, into: &plaintext)
    }

    private mutating func end(into plaintext: inout [UInt8]) throws(Problem) {
        if isArmoured == true {
            // Only a line of the body that the file ends in would spell anything, and that is a fault.
            var none: [UInt8] = []
            try armour.finish(into: &none)
        }
        guard header.header != nil else { throw header.incomplete }
        guard hasBegun else { throw AgeProblem.header("The file ends before its payload.") }
        try parts.finish(into: &plaintext)
    }
}
