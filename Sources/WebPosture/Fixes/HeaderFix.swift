import ScanResults

extension Fix {
    /// A fix that is a response header, as each server sends it.
    ///
    /// - Parameters:
    ///   - advice: One sentence that tells what to change.
    ///   - name: The header's name.
    ///   - value: Its value, without double quotation marks or a backslash.
    static func header(_ advice: String, name: String, value: String) -> Fix {
        Fix(
            advice,
            snippets: [
                .nginx: "add_header \(name) \"\(value)\" always;",
                .apache: "Header always set \(name) \"\(value)\"",
                .caddy: "header \(name) \"\(value)\"",
                .drupal: """
                // In an event subscriber of your own module, on KernelEvents::RESPONSE:
                $event->getResponse()->headers->set('\(name)', "\(value)");
                """,
                .express: """
                app.use((request, response, next) => {
                  response.setHeader("\(name)", "\(value)");
                  next();
                });
                """,
            ])
    }

    /// A fix that takes a response header away.
    static func withoutHeader(_ advice: String, name: String) -> Fix {
        Fix(
            advice,
            snippets: [
                .nginx: "proxy_hide_header \(name);",
                .apache: "Header always unset \(name)",
                .caddy: "header -\(name)",
                .drupal: """
                // In an event subscriber of your own module, on KernelEvents::RESPONSE:
                $event->getResponse()->headers->remove('\(name)');
                """,
                .express: """
                app.use((request, response, next) => {
                  response.removeHeader("\(name)");
                  next();
                });
                """,
            ])
    }

    /// A fix of the attributes with which cookies are set.
    static func cookie(_ advice: String) -> Fix {
        Fix(
            advice,
            snippets: [
                .nginx: "proxy_cookie_flags ~ secure httponly samesite=lax;",
                .apache: #"Header always edit Set-Cookie ^(.*)$ "$1; Secure; HttpOnly; SameSite=Lax""#,
                .caddy: #"header >Set-Cookie (.*) "$1; Secure; HttpOnly; SameSite=Lax""#,
                .drupal: """
                # In sites/default/services.yml:
                parameters:
                  session.storage.options:
                    cookie_secure: true
                    cookie_httponly: true
                    cookie_samesite: Lax
                """,
                .express: #"response.cookie(name, value, { secure: true, httpOnly: true, sameSite: "lax" });"#,
            ])
    }

    /// The way from plain HTTP to HTTPS on the same host.
    static func redirect(_ advice: String) -> Fix {
        Fix(
            advice,
            snippets: [
                .nginx: """
                server {
                  listen 80;
                  listen [::]:80;
                  return 301 https://$host$request_uri;
                }
                """,
                .apache: """
                RewriteEngine On
                RewriteCond %{HTTPS} off
                RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]
                """,
                .caddy: "# Name the site without a scheme: Caddy then redirects by itself.\nexample.com {\n}",
                .drupal: """
                # In .htaccess, above Drupal's own rules:
                RewriteCond %{HTTPS} off
                RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]
                """,
                .express: """
                app.use((request, response, next) =>
                  request.secure ? next() : response.redirect(301, `https://${request.hostname}${request.originalUrl}`));
                """,
            ])
    }
}
