import Foundation
import Kernel

extension Call {
    /// Compares the body with what the OpenAPI document says of it, before a handler sees any of it: what the document
    /// does not allow is refused by the name of the member, and not quietly passed over.
    ///
    /// - Throws: `Problem` `body.type`, `body.json` or `body.shape`.
    func demandJSON(of schema: Schema) throws {
        let media = contentType?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard media == "application/json" else {
            throw Problem(
                .wrongType, code: "body.type", "The body is not marked as JSON.",
                hint: "Send it with Content-Type: application/json.")
        }
        if let mismatch = try json(JSONValue.self).mismatch(with: schema, at: "") {
            throw Problem(
                .invalid, code: "body.shape", mismatch.says,
                hint: "The OpenAPI document at /api/v1/openapi.json describes it.",
                place: mismatch.place.isEmpty ? nil : Problem.Place(field: mismatch.place))
        }
    }
}

/// Any JSON, kept as what it is: a number is no truth value, nor the other way round.
enum JSONValue: Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// The first place where it is not as `schema` says.
    func mismatch(with schema: Schema, at place: String) -> (place: String, says: String)? {
        switch (schema, self) {
        case (.string, .string), (.number, .number), (.boolean, .boolean), (.nullable, .null): return nil
        case (.choice(let words), .string(let word)) where words.contains(word): return nil
        case (.integer(let minimum, let maximum), .number(let number))
        where number == number.rounded() && number >= Double(minimum ?? .min) && number <= Double(maximum ?? .max):
            return nil
        case (.nullable(let inner), _): return mismatch(with: inner, at: place)
        case (.array(let element), .array(let values)):
            for (index, value) in values.enumerated() {
                if let found = value.mismatch(with: element, at: "\(place)[\(index)]") { return found }
            }
            return nil
        case (.map(let element), .object(let values)):
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                if let found = value.mismatch(with: element, at: Self.join(place, name)) { return found }
            }
            return nil
        case (.object(_, let fields), .object(let values)):
            let known = Set(fields.map(\.name))
            if let unknown = values.keys.filter({ !known.contains($0) }).min() {
                return (place, "The body has a member that this address does not take: \(unknown.prefix(40)).")
            }
            for field in fields {
                guard let value = values[field.name] else {
                    if field.isOptional { continue }
                    return (Self.join(place, field.name), "The member \(field.name) is missing.")
                }
                if let found = value.mismatch(with: field.schema, at: Self.join(place, field.name)) { return found }
            }
            return nil
        default: return (place, "The body is not of the shape that this address takes.")
        }
    }

    private static func join(_ place: String, _ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
}
