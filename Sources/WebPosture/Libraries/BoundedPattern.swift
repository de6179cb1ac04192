import CPCRE2

/// A regular expression of somebody else's, run over a stranger's text: it gives up instead of taking forever.
///
/// Unchecked because of the pointers; the compiled pattern is never written after `init` (PCRE2 allows any number of threads
/// to match with one), what a match writes belongs to that match alone, and `deinit` runs when nobody holds it any more.
final class BoundedPattern: @unchecked Sendable {
    private let code: OpaquePointer
    private let context: OpaquePointer

    /// The longest pattern that is compiled, in bytes.
    static let limit = 4096
    /// How often one match may try again from each place where it may begin.
    private static let effort: UInt32 = 10_000
    /// The most bytes of a text that are looked at: with ``effort`` it bounds the time of one match to seconds at worst.
    private static let textLimit = 256 << 10
    /// How deep one may nest, in KiB of memory.
    private static let memory: UInt32 = 20_000

    /// A pattern as JavaScript spells it.
    ///
    /// - Returns: `nil` for one that cannot be compiled.
    init?(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        guard bytes.count <= Self.limit else { return nil }
        var fault: Int32 = 0
        var place = 0
        let options = UInt32(
            PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP)
        guard let code = pcre2_compile_8(bytes, bytes.count, options, &fault, &place, nil) else { return nil }
        guard let context = pcre2_match_context_create_8(nil) else {
            pcre2_code_free_8(code)
            return nil
        }
        pcre2_set_match_limit_8(context, Self.effort)
        pcre2_set_heap_limit_8(context, Self.memory)
        // Without it a match is slower and finds the same.
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
        self.code = code
        self.context = context
    }

    deinit {
        pcre2_match_context_free_8(context)
        pcre2_code_free_8(code)
    }

    /// The first match: the whole of it and its groups, `nil` for a group that took no part.
    ///
    /// - Returns: `nil` if there is none, or it was not found in time.
    func firstMatch(in text: [UInt8]) -> [Range<Int>?]? {
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { return nil }
        defer { pcre2_match_data_free_8(data) }
        let count = pcre2_match_8(code, text, min(text.count, Self.textLimit), 0, 0, data, context)
        guard count > 0, let places = pcre2_get_ovector_pointer_8(data) else { return nil }
        return (0..<Int(count)).map { group in
            let (start, end) = (places[2 * group], places[2 * group + 1])
            return start <= end && end <= text.count ? start..<end : nil
        }
    }
}
