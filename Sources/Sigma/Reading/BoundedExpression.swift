import CPCRE2

/// A regular expression of a rule, run over what strangers write into logs: it gives up instead of taking forever.
///
/// Unchecked because of the pointers: the compiled expression is never written after `init` (PCRE2 lets any number of threads
/// match with one), and `deinit` runs when nobody holds it any more. What a match writes belongs to the caller.
final class BoundedExpression: @unchecked Sendable {
    private let code: OpaquePointer

    /// The longest expression that is compiled, in bytes.
    private static let patternLimit = 16 << 10
    /// How often one match may try again from each place where it may begin.
    private static let effort: UInt32 = 20_000
    /// How many places where a match may begin are tried before the clock is looked at; in a short text all of them.
    private static let placesAtOnce = 64
    private static let shortLength = 1024
    /// How long one search may take.
    private static let patience = Duration.milliseconds(50)
    /// The memory that one match may take, in KiB.
    private static let memory: UInt32 = 20_000
    /// The most bytes of a value that are looked at; that there is more is told as giving up.
    private static let textLimit = 64 << 10

    /// - Returns: `nil` for an expression that cannot be compiled; ``fault(in:)`` says why.
    init?(_ expression: ExpressionText) {
        guard case .success(let code) = Self.compile(expression) else { return nil }
        // Without it a match is slower and finds the same.
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
        self.code = code
    }

    deinit { pcre2_code_free_8(code) }

    /// What keeps an expression from being used.
    static func fault(in expression: ExpressionText) -> RuleFault? {
        switch compile(expression) {
        case .success(let code):
            pcre2_code_free_8(code)
            return nil
        case .failure(let fault): return fault
        }
    }

    private static func compile(_ expression: ExpressionText) -> Result<OpaquePointer, RuleFault> {
        let bytes = Array(expression.pattern.utf8)
        guard bytes.count <= patternLimit else {
            return .failure(
                RuleFault(code: "expression", message: "The regular expression is longer than 16 KiB."))
        }
        // \C splits characters, callouts and verbs at the start would take the limits away.
        var options = UInt32(
            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT)
        if expression.ignoresCase { options |= UInt32(PCRE2_CASELESS) }
        if expression.hasLines { options |= UInt32(PCRE2_MULTILINE) }
        if expression.dotMatchesAll { options |= UInt32(PCRE2_DOTALL) }
        guard !expression.pattern.hasPrefix("(*") else {
            return .failure(
                RuleFault(code: "expression", message: "A regular expression may not begin with a verb."))
        }
        var fault: Int32 = 0
        var place = 0
        guard let code = pcre2_compile_8(bytes, bytes.count, options, &fault, &place, nil) else {
            var text = [UInt8](repeating: 0, count: 200)
            let length = pcre2_get_error_message_8(fault, &text, text.count)
            let reason = String(decoding: text.prefix(max(0, Int(length))), as: UTF8.self)
            return .failure(
                RuleFault(
                    code: "expression",
                    message: "The regular expression cannot be read: \(reason) (character \(place)).")
            )
        }
        return .success(code)
    }

    /// What came of a match.
    enum Outcome {
        case found, none
        /// It would have taken too long, so that nothing is known.
        case gaveUp
    }

    /// Looks for the expression in a text.
    ///
    /// PCRE2's own limit is on what is tried from one place. So that many places together stay within bounds too, they are
    /// tried some at a time, and a search that has taken too long gives up. Only hostile text or a hostile
    /// expression comes that far.
    ///
    /// - Parameter scratch: Memory of the calling thread.
    func search(_ text: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) -> Outcome {
        let length = min(text.count, Self.textLimit)
        let isCut = length < text.count
        // The end of what is looked at is not the end of the value.
        let options = isCut ? UInt32(PCRE2_NOTEOL) : 0
        let places = length <= Self.shortLength ? Self.shortLength : Self.placesAtOnce
        var begun: ContinuousClock.Instant?
        var start = 0
        while true {
            pcre2_set_offset_limit_8(scratch.context, start + places)
            let found = pcre2_match_8(
                code, text.baseAddress, length, start, options, scratch.data, scratch.context)
            // Zero tells that there were more groups than room, which nobody asks for.
            if found >= 0 { return .found }
            guard found == PCRE2_ERROR_NOMATCH else { return .gaveUp }
            start += places + 1
            // A place in the middle of a character is none.
            while start < length, text[start] & 0xC0 == 0x80 { start += 1 }
            guard start <= length else { return isCut ? .gaveUp : .none }
            let now = ContinuousClock.now
            if let begun, now - begun > Self.patience { return .gaveUp }
            begun = begun ?? now
        }
    }

    /// What matches write; each thread has its own.
    final class Scratch {
        fileprivate let data: OpaquePointer?
        fileprivate let context: OpaquePointer?

        init() {
            data = pcre2_match_data_create_8(1, nil)
            context = pcre2_match_context_create_8(nil)
            if let context {
                pcre2_set_match_limit_8(context, BoundedExpression.effort)
                pcre2_set_heap_limit_8(context, BoundedExpression.memory)
            }
        }

        deinit {
            pcre2_match_context_free_8(context)
            pcre2_match_data_free_8(data)
        }
    }
}
