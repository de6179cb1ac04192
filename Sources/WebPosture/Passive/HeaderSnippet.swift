import ScanResults

/// The lines that send a response header, for each server that people run.
enum HeaderSnippet {
    /// Lines that send `name` with `value`.
    static func lines(_ name: String, _ value: String) -> [Fix.Server: String] {
        [
            .nginx: "add_header \(name) \"\(value)\" always;",
            .apache: "Header always set \(name) \"\(value)\"",
            .caddy: "header \(name) \"\(value)\"",
            .drupal: "# With the Security Kit module, or in settings.php behind a reverse proxy:\n"
                + "$event->getResponse()->headers->set('\(name)', \"\(value)\");",
            .express:
                "app.use((request, response, next) => {\n  response.setHeader('\(name)', \"\(value)\");\n  next();\n});",
        ]
    }
}
