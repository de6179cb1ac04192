/// The shape of a JSON value, as the OpenAPI document describes it (JSON Schema 2020-12).
public indirect enum Schema: Sendable {
    case string(format: String? = nil)
    case integer(minimum: Int? = nil, maximum: Int? = nil)
    case number
    case boolean
    case choice([String])
    case array(Schema)
    /// A map from any name to values of one shape.
    case map(Schema)
    case nullable(Schema)
    case object(String, [Field])

    /// A member of an object.
    public struct Field: Sendable {
        /// The member's name.
        public let name: String
        /// The shape of its value.
        public let schema: Schema
        /// Absent rather than null where there is nothing.
        public let isOptional: Bool

        /// A member that is always there, unless it is `optional`.
        public init(_ name: String, _ schema: Schema, optional: Bool = false) {
            self.name = name
            self.schema = schema
            isOptional = optional
        }
    }

    /// A moment.
    public static let time = Schema.string(format: "date-time")

    /// The schema as JSON; objects stand once, under their names, among the components.
    func json(_ components: inout [String: Any]) -> [String: Any] {
        switch self {
        case .string(let format): return format.map { ["type": "string", "format": $0] } ?? ["type": "string"]
        case .integer(let minimum, let maximum):
            var json: [String: Any] = ["type": "integer"]
            json["minimum"] = minimum
            json["maximum"] = maximum
            return json
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .choice(let words): return ["type": "string", "enum": words]
        case .array(let element): return ["type": "array", "items": element.json(&components)]
        case .map(let value): return ["type": "object", "additionalProperties": value.json(&components)]
        case .nullable(let schema): return ["anyOf": [schema.json(&components), ["type": "null"]]]
        case .object(let name, let fields):
            if components[name] == nil {
                components[name] = [String: Any]()
                var properties: [String: Any] = [:]
                for field in fields { properties[field.name] = field.schema.json(&components) }
                components[name] = [
                    "type": "object", "properties": properties,
                    "required": fields.filter { !$0.isOptional }.map(\.name), "additionalProperties": false,
                ]
            }
            return ["$ref": "#/components/schemas/\(name)"]
        }
    }
}
