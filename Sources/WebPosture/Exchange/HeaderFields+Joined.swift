extension HeaderFields {
    /// The fields as a browser's script would see them: those of one name as one list with commas (RFC 9110 §5.3), except
    /// cookies, and of those that make no list only the first.
    public var joined: HeaderFields {
        var order: [String] = []
        var values: [String: String] = [:]
        var cookies: [(name: String, value: String)] = []
        for field in fields {
            let name = field.name.lowercased()
            if name == "set-cookie" {
                cookies.append((field.name, field.value))
            } else if let before = values[name] {
                if !Self.singular.contains(name) { values[name] = "\(before), \(field.value)" }
            } else {
                order.append(name)
                values[name] = field.value
            }
        }
        return HeaderFields(order.map { ($0, values[$0, default: ""]) } + cookies)
    }

    private static let singular: Set = [
        "age", "content-length", "content-type", "etag", "expires", "last-modified", "location", "retry-after",
        "server",
    ]
}
