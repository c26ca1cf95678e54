internal import HTTPTypes

/// The headers of every answer.
enum CommonHeaders {
    static func add(to headers: inout HTTPFields, isSecure: Bool) {
        func set(_ name: String, _ value: String) {
            guard let name = HTTPField.Name(name), headers[name] == nil else { return }
            headers[name] = value
        }
        // No scripts, and nothing from other origins. Drawings take their colours from the style sheet.
        set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
                + "frame-ancestors 'none'")
        set("X-Content-Type-Options", "nosniff")
        set("Referrer-Policy", "same-origin")
        set("Cross-Origin-Opener-Policy", "same-origin")
        set("Cross-Origin-Resource-Policy", "same-origin")
        set("X-Robots-Tag", "noindex, nofollow")
        set("Cache-Control", "private, no-store")
        set("Vary", "Authorization, Cookie")
        if isSecure { set("Strict-Transport-Security", "max-age=31536000") }
    }
}
