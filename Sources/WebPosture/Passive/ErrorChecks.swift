import Kernel
import ScanResults

extension PassiveCheck {
    /// What a page tells about how the site is made when something went wrong.
    static let errorChecks = [debugMessage, applicationError, directoryListing]

    private static let fix = Fix(
        "Show visitors a plain page for errors, and keep the details in the log.",
        snippets: [
            .drupal: "$config['system.logging']['error_level'] = 'hide';",
            .express: "app.set('env', 'production');",
        ])

    private static let debugMessage = PassiveCheck(
        10023, "Message for developers", weakness: 200, .low, fix: fix
    ) { page in
        guard page.isText, !page.isScript, let place = debugPhrases.first(in: page.response.body) else { return [] }
        return [
            Hit("The page shows a message that is meant for developers.", evidence: page.response.body.excerpt(place))
        ]
    }

    private static let applicationError = PassiveCheck(
        90022, "Application error", weakness: 200, .medium, fix: fix
    ) { page in
        guard page.response.status != 404 else { return [] }
        if page.isText, !page.isScript, let place = ErrorSigns.first(in: page.response.body) {
            return [
                Hit("The page shows an error of the application.", evidence: page.response.body.excerpt(place))
            ]
        }
        guard page.response.status == 500 else { return [] }
        return [Hit("The page ends in an error of the server.", evidence: "Status 500", severity: .low)]
    }

    private static let directoryListing = PassiveCheck(
        10033, "Listing of a folder", weakness: 548, .medium,
        fix: Fix(
            "Turn the listing of folders off.",
            snippets: [.nginx: "autoindex off;", .apache: "Options -Indexes", .caddy: "file_server"])
    ) { page in
        guard page.isText, let place = listingPhrases.first(in: page.response.body) else { return [] }
        let range = place.lowerBound..<min(place.upperBound + 60, page.response.body.count)
        return [Hit("The page lists a folder of the server.", evidence: page.response.body.excerpt(range))]
    }

    private static let listingPhrases = PhraseFinder(
        [
            // Apache, nginx, lighttpd; IIS; Python; Tomcat; Jetty; Caddy; webpack and others on Node.js
            "<title>Index of /", ">[To Parent Directory]</A>", "<title>Directory listing for /",
            "<title>Directory Listing For",
            "<title>Directory: /", "<title>listing directory /",
        ], foldsCase: true)

    private static let debugPhrases = PhraseFinder(
        [
            "Error Occurred While Processing Request", "failed to open stream: HTTP request failed!",
            "Parse error: parse error, unexpected", "Parse error: syntax error, unexpected", "The script whose uid is",
            "PHP Parse error", "PHP Warning", "PHP Error", "PHP Fatal error", "PHP Notice",
            "Warning: Cannot modify header information - headers already sent", "mysqli error is", "mysql error is",
            "404 SC_NOT_FOUND", "servlet error:", "Warning: Supplied argument is not a valid File-Handle resource",
            "Warning: Division by zero in", "Warning: SAFE MODE Restriction in effect.",
            "Error Message : Error loading required libraries.", "Fatal error: Call to undefined function",
            "Fatal error: Uncaught", "access denied for user", "incorrect syntax near",
            "Unclosed quotation mark before the character string", "customErrors mode",
            "This error page might contain sensitive information because ASP.NET", "test page for apache",
            "You're seeing this error because you have <code>DEBUG = True</code>", "Werkzeug Debugger",
            "Whoops, looks like something went wrong", "The Symfony Profiler", "Action Controller: Exception caught",
            "Whitelabel Error Page",
        ], foldsCase: true)
}
