#!/usr/bin/env python3
"""PyPI's oidc-provider-mock with what it leaves out: it demands PKCE (S256), checks the verifier, and records what it was
asked. GET /recorded shows it. Prints "Provider listens on http://localhost:PORT".
"""
import base64, hashlib, io, json, socketserver, sys, urllib.parse, wsgiref.simple_server

import oidc_provider_mock


class Strict:
    def __init__(self, inner):
        self.inner, self.challenges, self.requests = inner, {}, []

    def __call__(self, environ, start):
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        if path == "/recorded":
            return self.answer(start, "200 OK", self.requests)
        if path == "/oauth2/authorize":
            if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
                return self.answer(start, "400 Bad Request", {"error": "invalid_request"})
            if method == "POST":
                return self.authorize(environ, start, query)
        if path == "/oauth2/token" and method == "POST":
            return self.token(environ, start)
        return self.inner(environ, start)

    def authorize(self, environ, start, query):
        self.requests.append({"at": "authorize", **query})

        def remember(status, headers, *more):
            place = dict(headers).get("Location", "")
            code = urllib.parse.parse_qs(urllib.parse.urlsplit(place).query).get("code")
            if code:
                self.challenges[code[0]] = query["code_challenge"]
            return start(status, headers, *more)

        return self.inner(environ, remember)

    def token(self, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        fields = dict(urllib.parse.parse_qsl(body.decode()))
        self.requests.append(
            {"at": "token", "authorization": environ.get("HTTP_AUTHORIZATION", ""), **fields})
        hashed = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        if self.challenges.get(fields.get("code")) != challenge:
            return self.answer(start, "400 Bad Request", {"error": "invalid_grant"})
        environ["wsgi.input"] = io.BytesIO(body)
        return self.inner(environ, start)

    def answer(self, start, status, value):
        body = json.dumps(value).encode()
        start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


# A browser opens connections ahead of time and says nothing on them.
class Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


app = oidc_provider_mock.app(require_nonce=True)
server = wsgiref.simple_server.make_server("localhost", 0, Strict(app), Server, Quiet)
print(f"Provider listens on http://localhost:{server.server_port}", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
