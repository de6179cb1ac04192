/// A match that counts in a window.
struct WindowEntry {
    let time: Double
    /// Which of the correlation's rules matched.
    let source: Int
    let event: Int
    /// The value of the condition's field, for correlations that look at values.
    let value: Value

    enum Value: Hashable {
        case none
        case text([UInt8])
        case number(Double)
    }
}
