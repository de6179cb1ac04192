import Foundation
import Identity

/// The OpenAPI 3.1 document of a route table. Written from the same table that routes, so that it cannot differ from it.
public enum OpenAPI {
    /// The document of the routes for programs, as JSON.
    ///
    /// - Parameter version: This program's version.
    public static func document(of routes: [Route], version: String) throws -> [UInt8] {
        var components: [String: Any] = [:]
        var paths: [String: [String: Any]] = [:]
        let problem = Self.problem.json(&components)
        for route in routes where route.audience == .program {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(
                route, problem: problem, &components)
        }
        let document: [String: Any] = [
            "openapi": "3.1.0",
            "info": [
                "title": "Vouchsafe", "version": version,
                "description":
                    "The security policy that proves itself: commitments, checks, evidence, verdicts and proofs.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "paths": paths,
            "components": [
                "schemas": components,
                "securitySchemes": [
                    "session": ["type": "apiKey", "in": "cookie", "name": "__Host-session"],
                    "token": ["type": "http", "scheme": "bearer"],
                ],
            ],
        ]
        return [UInt8](
            try JSONSerialization.data(
                withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]))
    }

    private static func operation(
        _ route: Route, problem: [String: Any], _ components: inout [String: Any]
    ) -> [String: Any] {
        var operation: [String: Any] = [
            "operationId": route.name, "summary": route.summary,
            "description": "Needs the permission `\(route.permission.rawValue)`; scope: \(route.scope.rawValue).",
            "security": security(of: route),
        ]
        if !route.parameters.isEmpty {
            operation["parameters"] = route.parameters.map { parameter in
                [
                    "name": parameter.name, "in": parameter.place.rawValue, "description": parameter.summary,
                    "required": parameter.isRequired, "schema": parameter.schema.json(&components),
                ] as [String: Any]
            }
        }
        if let request = route.request {
            operation["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": request.json(&components)]],
            ]
        }
        let content: [String: Any] =
            switch route.response {
            case .json(let schema): ["application/json": ["schema": schema.json(&components)]]
            case .media(let type): [type: ["schema": ["type": "string"]]]
            case .redirect: [:]
            }
        operation["responses"] = [
            route.method == .post ? "201" : "200": ["description": "Done.", "content": content],
            "default": [
                "description": "What is wrong, as problem details.",
                "content": ["application/problem+json": ["schema": problem]],
            ],
        ]
        return operation
    }

    /// What a request may prove itself by: any one of these.
    private static func security(of route: Route) -> [[String: [String]]] {
        guard !route.permission.isForAnyone else { return [] }
        return route.permission.isForTokens ? [["session": []], ["token": []]] : [["session": []]]
    }

    private static let problem = Schema.object(
        "Problem",
        [
            Schema.Field("type", .string(format: "uri-reference")), Schema.Field("title", .string()),
            Schema.Field("status", .integer(minimum: 400, maximum: 599)),
            Schema.Field("detail", .string(), optional: true), Schema.Field("instance", .string()),
            Schema.Field("code", .string()), Schema.Field("field", .string(), optional: true),
        ])
}
