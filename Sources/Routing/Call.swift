import Foundation
import Identity
import Kernel
import Store

/// One request as a route sees it: bounded, decoded, and with the caller known.
public struct Call: Sendable {
    /// The path that was asked for, without the query.
    public let path: String
    /// The values of the route's `{names}`, by name.
    public let parameters: [String: String]
    /// The fields of the query, decoded, by name.
    public let query: [String: String]
    /// The body as it came, within the limit.
    public let body: [UInt8]
    /// The media type that the request states for its body.
    public let contentType: String?
    /// Who is calling by a session; `nil` for a visitor without one, and for programs.
    public let signedIn: SignedIn?
    /// Who is calling, by a session or by a token; `nil` for a visitor.
    public let caller: Caller?
    /// What the browser must send back in forms: the session's token, or one of the visitor's own before there is a session.
    public let formToken: String
    /// What a sign-in that waits for its second step left with the browser.
    public let pendingSignIn: SecretToken?
    /// What the browser keeps of those who signed in on it.
    public let deviceMarks: DeviceMarks
    /// What a visit to an identity provider left with the browser.
    public let providerVisit: SecretToken?
    /// The host and the port that the browser asked for (RFC 9110 §7.2).
    public let authority: String
    /// The caller's network, for throttling only.
    public let network: String
    /// When the request was taken.
    public let now: Instant

    /// A call out of its parts.
    public init(
        path: String, parameters: [String: String], query: [String: String], body: [UInt8], contentType: String?,
        signedIn: SignedIn?, caller: Caller?, formToken: String,
        pendingSignIn: SecretToken? = nil, deviceMarks: DeviceMarks = DeviceMarks(presented: nil),
        providerVisit: SecretToken? = nil, authority: String = "", network: String, now: Instant
    ) {
        self.path = path
        self.parameters = parameters
        self.query = query
        self.body = body
        self.contentType = contentType
        self.signedIn = signedIn
        self.caller = caller
        self.formToken = formToken
        self.pendingSignIn = pendingSignIn
        self.deviceMarks = deviceMarks
        self.providerVisit = providerVisit
        self.authority = authority
        self.network = network
        self.now = now
    }

    /// The person who asks. Only for routes that need a session.
    public func person() throws -> SignedIn {
        guard let signedIn else {
            throw Problem(.unauthenticated, code: "session.missing", "You are not signed in.")
        }
        return signedIn
    }

    /// Whoever asks, with what they may do.
    public func asker() throws -> Caller {
        guard let caller else {
            throw Problem(.unauthenticated, code: "session.missing", "You are not signed in.")
        }
        return caller
    }

    /// The organisation whose data is asked for, and on whose behalf.
    public func scope() throws -> (organisation: Identifier<Organisation>, principal: Principal) {
        guard let caller else {
            throw Problem(.unauthenticated, code: "session.missing", "You are not signed in.")
        }
        return (caller.tenant.id, caller.principal)
    }

    /// A part of the path that the route declares.
    public func parameter(_ name: String) throws -> String {
        guard let value = parameters[name] else {
            throw Problem(.notFound, code: "route.parameter", "The address lacks its \(name).")
        }
        return value
    }

    /// A whole number from the query; `nil` if it is left out.
    ///
    /// - Throws: `Problem` that names the parameter.
    public func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(
                .invalid, code: "route.query",
                "`\(name)` must be a whole number from \(range.lowerBound) to \(range.upperBound).",
                place: Problem.Place(field: name))
        }
        return number
    }

    /// A moment from the query; `nil` if it is left out.
    public func moment(_ name: String) throws -> Instant? {
        guard let text = query[name] else { return nil }
        guard let moment = Instant(text) else {
            throw Problem(
                .invalid, code: "route.query", "`\(name)` must be a time such as 2026-03-01T00:00Z.",
                place: Problem.Place(field: name))
        }
        return moment
    }

    /// The fields of a form that was sent. Fields that were sent twice are refused.
    public func form() throws -> [String: String] {
        guard contentType?.hasPrefix("application/x-www-form-urlencoded") ?? false else {
            throw Problem(.wrongType, code: "form.type", "The form was sent in a form that is not understood.")
        }
        return try FormFields.decode(body)
    }

    /// The body, decoded from JSON.
    public func json<T: Decodable>(_ type: T.Type) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw Problem(
                .invalid, code: "body.json", "The body is not the JSON that this address takes.",
                hint: "The OpenAPI document at /api/v1/openapi.json describes it.", cause: "\(error)")
        }
    }
}

/// Reads `application/x-www-form-urlencoded` (WHATWG URL §5.1), and the query of an address, which has the same form.
public enum FormFields {
    /// - Throws: `Problem` for more than 100 fields, a field sent twice, or bytes that are no UTF-8.
    public static func decode(_ bytes: [UInt8]) throws -> [String: String] {
        var fields: [String: String] = [:]
        let pairs = bytes.split(separator: UInt8(ascii: "&"))
        guard pairs.count <= 100 else {
            throw Problem(.invalid, code: "form.fields", "There are more than 100 fields.")
        }
        for pair in pairs {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = text(parts[0]), let value = parts.count == 2 ? text(parts[1]) : "" else {
                throw Problem(.invalid, code: "form.encoding", "A field is not valid UTF-8.")
            }
            guard fields.updateValue(value, forKey: name) == nil else {
                throw Problem(.invalid, code: "form.twice", "A field was sent twice.")
            }
        }
        return fields
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "+") {
                decoded.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]),
                let low = digit(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 2
            } else {
                decoded.append(byte)
            }
            index += 1
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
