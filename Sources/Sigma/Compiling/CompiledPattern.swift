/// A text pattern in the form in which values are compared with it.
struct CompiledPattern: BitwiseCopyable {
    enum Shape: UInt8 {
        /// The literal is the whole value, its beginning, its end, or anywhere in it.
        case exact, prefix, suffix, contained
        /// Parts, one behind the other: see ``Glob``.
        case glob
    }

    var shape: Shape
    /// Letters are compared as they are written, not folded.
    var isCased: Bool
    /// The literal in the pool, folded; for a glob, its parts.
    var literal: Run
    /// The literal as it is written, for one that is cased.
    var written: Run
    /// Which atoms hold when it fits.
    var atoms: Run

    /// What a pattern looks like, and the literal that every fitting value contains; empty if there is none.
    static func shape(of pattern: TextPattern) -> (shape: Shape, literal: [UInt8]) {
        let parts = pattern.parts
        if let literal = pattern.literal { return (.exact, literal) }
        if parts.count == 2, case .literal(let literal) = parts[0], parts[1] == .any { return (.prefix, literal) }
        if parts.count == 2, case .literal(let literal) = parts[1], parts[0] == .any { return (.suffix, literal) }
        if parts.count == 3, case .literal(let literal) = parts[1], parts[0] == .any, parts[2] == .any {
            return (.contained, literal)
        }
        let longest = parts.compactMap { if case .literal(let bytes) = $0 { bytes } else { nil } }
            .max { $0.count < $1.count }
        return (.glob, longest ?? [])
    }
}
