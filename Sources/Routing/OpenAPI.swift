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
        var responses: [String: Any] = [
            route.method == .post ? "201" : "200": ["description": "Done.", "content": content]
        ]
        for refusal in refusals(of: route) {
            var response: [String: Any] = [
                "description": words[refusal] ?? "", "content": ["application/problem+json": ["schema": problem]],
            ]
            if refusal == 429 {
                response["headers"] = [
                    "Retry-After": [
                        "description": "Seconds to wait.", "required": false, "schema": ["type": "integer"],
                    ]
                ]
            }
            responses["\(refusal)"] = response
        }
        operation["responses"] = responses
        return operation
    }

    /// What a request may prove itself by: any one of these.
    private static func security(of route: Route) -> [[String: [String]]] {
        guard !route.permission.isForAnyone else { return [] }
        return route.permission.isForTokens ? [["session": []], ["token": []]] : [["session": []]]
    }

    /// What may be wrong with a request of this route. There is no "default": an answer that is not declared is a defect.
    private static func refusals(of route: Route) -> [Int] {
        // Any query may be malformed, any server may be busy, and anyone may choose a wrong method.
        var refusals = [400, 405, 429, 500, 503]
        if !route.permission.isForAnyone { refusals += [401, 403] }
        if route.parameters.contains(where: { $0.place == .path }) || route.scope == .published { refusals.append(404) }
        if route.scope == .organisation { refusals += [404, 409] }
        if route.method != .get { refusals += [403, 413] }
        if route.request != nil { refusals.append(415) }
        return Set(refusals).sorted()
    }

    private static let words = [
        400: "The request is malformed.", 401: "Nobody is signed in.", 403: "Not permitted, or not from our own page.",
        404: "There is no such thing.", 405: "Another method is needed; Allow names those that fit.",
        409: "It is there already, was changed meanwhile, or cannot be done as things stand.",
        413: "The body is too large.", 415: "The body is not JSON.",
        429: "Too often; Retry-After says how long to wait.",
        500: "The server failed.", 503: "The server cannot serve this now.",
    ]

    private static let problem = Schema.object(
        "Problem",
        [
            Schema.Field("type", .string(format: "uri-reference")), Schema.Field("title", .string()),
            Schema.Field("status", .integer(minimum: 400, maximum: 599)),
            Schema.Field("detail", .string(), optional: true), Schema.Field("instance", .string()),
            Schema.Field("code", .string()), Schema.Field("field", .string(), optional: true),
        ])
}
