import HTTPTypes
import Hummingbird
import Identity
import Kernel
import NIOCore
import Routing

extension Response {
    /// The HTTP response for an answer, with the headers that every answer carries.
    ///
    /// - Parameters:
    ///   - isPublic: Whether shared caches may keep it, if the answer says for how long.
    ///   - asked: The request's headers, for conditional requests.
    ///   - formToken: A new visitor's token, to be sent back with forms.
    init(_ answer: Answer, isPublic: Bool, asked: HTTPFields, formToken: String?) {
        var headers = HTTPFields.onEveryAnswer
        headers[.contentType] = answer.contentType
        headers[.retryAfter] = answer.retryAfter.map { "\(max(1, ($0.milliseconds + 999) / 1000))" }
        if !answer.allowed.isEmpty { headers[.allow] = answer.allowed.joined(separator: ", ") }
        if isPublic, let publicFor = answer.publicFor {
            let seconds = publicFor.milliseconds / 1000
            headers[.cacheControl] = "public, max-age=\(seconds)" + (publicFor >= .days(300) ? ", immutable" : "")
        } else {
            headers[.cacheControl] = "no-store"
        }
        headers[.location] = answer.location
        if let place = answer.goesOnTo { headers[.refresh] = "0; url=\(place)" }
        if let fileName = answer.fileName { headers[.contentDisposition] = "attachment; filename=\"\(fileName)\"" }
        switch answer.session {
        case .begin(let token):
            headers.append(
                HTTPField(
                    name: .setCookie, value: "\(Gate.sessionCookie)=\(token.text); \(Self.cookieRules); Max-Age=86400"))
            for spent in [Gate.formCookie, Gate.pendingCookie, Gate.visitCookie] {
                headers.append(HTTPField(name: .setCookie, value: "\(spent)=; \(Self.cookieRules); Max-Age=0"))
            }
        case .wait(let token):
            headers.append(
                HTTPField(
                    name: .setCookie, value: "\(Gate.pendingCookie)=\(token.text); \(Self.cookieRules); Max-Age=300"))
            headers.append(Self.visit("", seconds: 0))
        case .visit(let token): headers.append(Self.visit(token.text, seconds: 600))
        case .endVisit:
            headers.append(Self.visit("", seconds: 0))
            if let formToken { headers.append(Self.greeting(formToken)) }
        case .end:
            headers.append(HTTPField(name: .setCookie, value: "\(Gate.sessionCookie)=; \(Self.cookieRules); Max-Age=0"))
            // Not the cookies: the marks of the people who signed in here stay.
            headers[.clearSiteData] = "\"cache\", \"storage\""
        case nil:
            if let formToken { headers.append(Self.greeting(formToken)) }
        }
        if let tag = answer.tag {
            headers[.eTag] = "\"\(tag)\""
            if asked[.ifNoneMatch] == "\"\(tag)\"" {
                self.init(status: .notModified, headers: headers)
                return
            }
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.content {
        case .bytes(let bytes):
            self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .events(let events):
            self.init(
                status: status, headers: headers,
                body: ResponseBody(asyncSequence: events.map { ByteBuffer(string: $0) }))
        }
    }

    /// Leaves the marks of those who signed in here with the browser.
    mutating func keep(_ marks: DeviceMarks) {
        let seconds = DeviceMarks.lifetime.milliseconds / 1000
        headers.append(
            HTTPField(
                name: .setCookie,
                value: "\(Gate.deviceCookie)=\(marks.text); \(Self.cookieRules); Max-Age=\(seconds)"))
    }

    private static let cookieRules = "Path=/; Secure; HttpOnly; SameSite=Strict"

    private static func greeting(_ formToken: String) -> HTTPField {
        HTTPField(name: .setCookie, value: "\(Gate.formCookie)=\(formToken); \(cookieRules)")
    }

    /// The one cookie that must come along when another site sends the browser back.
    private static func visit(_ text: String, seconds: Int) -> HTTPField {
        HTTPField(
            name: .setCookie,
            value: "\(Gate.visitCookie)=\(text); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\(seconds)")
    }
}

extension HTTPFields {
    /// OWASP ASVS 5.0 §3.4 and the headers that the HTTP Observatory counts.
    static let onEveryAnswer: HTTPFields = {
        var headers = HTTPFields()
        let values = [
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            // Not "no-referrer": under it browsers send `Origin: null` with our own forms (Fetch Standard §3.2).
            ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Embedder-Policy", "require-corp"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ]
        for (name, value) in values { if let name = HTTPField.Name(name) { headers[name] = value } }
        return headers
    }()
}
