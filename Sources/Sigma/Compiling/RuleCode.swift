/// When rules match, as a tree in two flat tables.
struct RuleCode: BitwiseCopyable {
    enum Operation: UInt8 {
        case atom, not, all, any, atLeast
    }

    struct Node: BitwiseCopyable {
        var operation: Operation
        /// How many must hold, for `atLeast`.
        var count: UInt32
        /// The atom; or where the parts lie among ``RuleCode/parts``.
        var operands: Run
    }

    let nodes: Table<Node>
    let parts: Table<UInt32>
}
